// Puzzles: what a busy address or phone costs. The browser searches by itself, and the form waits for it.
// Pages with a puzzle load this file after gatehouse.js; where it does not run, the person waits instead.
"use strict";

(() => {
  const solutions = Array.from(document.querySelectorAll("[data-puzzle]"));
  if (solutions.length === 0) return;

  // SHA-256 (FIPS 180-4). The browser's own is asynchronous, which costs more than the hash, and absent without https.

  const roundConstants = new Int32Array(64);
  const startingState = new Int32Array(8);
  for (let candidate = 2, found = 0; found < 64; candidate += 1) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
      if (candidate % divisor === 0) isPrime = false;
    }
    if (!isPrime) continue;
    const fraction = (root) => (root - Math.floor(root)) * 4294967296;
    if (found < 8) startingState[found] = fraction(Math.sqrt(candidate));
    roundConstants[found] = fraction(Math.cbrt(candidate));
    found += 1;
  }

  const schedule = new Int32Array(64);

  /** One block (§6.2.2): the state after 64 bytes from `at`. */
  function compress(state, bytes, at) {
    const w = schedule;
    for (let t = 0, i = at; t < 16; t += 1, i += 4) {
      w[t] = (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
    }
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15];
      const y = w[t - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let t = 0; t < 64; t += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[t] + w[t]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return Int32Array.of(
      state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e, state[5] + f, state[6] + g, state[7] + h);
  }

  /** The blocks that end a message of `length` bytes whose last bytes are `rest` and `digits`. */
  function padded(rest, digits, length) {
    const used = rest.length + digits.length;
    const blocks = new Uint8Array(used + 9 > 64 ? 128 : 64);
    blocks.set(rest);
    for (let i = 0; i < digits.length; i += 1) blocks[rest.length + i] = digits.charCodeAt(i);
    blocks[used] = 0x80;
    new DataView(blocks.buffer).setUint32(blocks.length - 4, length * 8);
    return blocks;
  }

  // The search

  /** A search for a number whose hash behind `prefix`, which is ASCII, begins with so many zero bits. */
  function* search(prefix, bits) {
    const text = Uint8Array.from(prefix, (character) => character.charCodeAt(0));
    const whole = text.length - (text.length % 64);
    let state = startingState;
    for (let at = 0; at < whole; at += 64) state = compress(state, text, at);
    const rest = text.subarray(whole);
    for (let number = 0; ; number += 1) {
      const digits = String(number);
      const blocks = padded(rest, digits, text.length + digits.length);
      let hash = state;
      for (let at = 0; at < blocks.length; at += 64) hash = compress(hash, blocks, at);
      if (Math.clz32(hash[0]) >= bits) return digits;
      if (number % 32 === 31) yield;
    }
  }

  const channel = new MessageChannel();

  /** Lets the page do what waits to be done. Unlike a timer it is not slowed down behind another tab. */
  const pause = () => new Promise((resume) => {
    channel.port1.onmessage = resume;
    channel.port2.postMessage(null);
  });

  async function solve({ puzzle, puzzleBits, puzzleParts }) {
    const numbers = [];
    let until = 0;
    for (let part = 0; part < Number(puzzleParts); part += 1) {
      const steps = search(`${puzzle}.${part}.`, Number(puzzleBits));
      let step = steps.next();
      while (!step.done) {
        // Half a frame at a time, so that typing and scrolling stay smooth on a slow phone too.
        if (performance.now() >= until) {
          await pause();
          until = performance.now() + 8;
        }
        step = steps.next();
      }
      numbers.push(step.value);
    }
    return numbers.join(",");
  }

  // The forms

  let found = null;
  let hasFailed = false;
  // The button that is pressed once the puzzle is solved: one that had to wait, or what the page was asked for before.
  let held = document.querySelector("[data-when-solved]");

  function tell(word) {
    for (const line of document.querySelectorAll("[data-puzzle-state]")) line.textContent = line.dataset[word];
  }

  function hold(button) {
    if (held) held.removeAttribute("aria-busy");
    held = button;
    if (held) held.setAttribute("aria-busy", "true");
    if (found === null && !hasFailed) tell(held ? "held" : "working");
  }

  for (const solution of solutions) {
    solution.form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || hasFailed) return;
      if (found === null) {
        event.preventDefault();
        hold(event.submitter || solution.form.querySelector("button"));
        return;
      }
      // Only now: a browser that brings back what a form held before would bring back an old puzzle.
      solution.form.elements.puzzle.value = solution.dataset.puzzle;
      solution.value = found;
    });
  }

  // Whoever changes what was to be sent, or leaves, presses again.
  document.addEventListener("input", (event) => {
    if (held && event.target.form === held.form) hold(null);
  });
  window.addEventListener("pagehide", () => hold(null));

  function finish() {
    const button = held;
    hold(null);
    // A click does what the person would do, with every check, and there is no browser that lacks it.
    if (button && !button.closest("[hidden]")) button.click();
  }

  hold(held);
  solve(solutions[0].dataset).then((numbers) => {
    found = numbers;
    tell("done");
    finish();
  }).catch(() => {
    hold(null);
    hasFailed = true;
    tell("failed");
  });
})();
