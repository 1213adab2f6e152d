// Password rules while typing: what can be known in the browser is marked; the server decides.
// Pages on which a password is set load this file; they do their whole job without it.
"use strict";

(() => {
  const rules = document.getElementById("rules");
  const password = document.getElementById("newPassword");
  const repeated = document.getElementById("repeatedPassword");
  if (!rules || !password || !repeated) return;

  // The same figures, text and classes of characters as the server's: `Password`, `PasswordPolicy` in Sources/Identity.

  const limits = password.dataset;
  const prepared = (text) => text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  const classes = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Lt}\p{Ll}\p{Nd}]/u];
  const fromFirstToLastLetter = (text) => text.replace(/^\P{Alphabetic}+|\P{Alphabetic}+$/gu, "");

  function isAccountName(text) {
    const { username } = password.form.elements;
    const name = username.value.toLowerCase();
    const names = [name, Array.from(name).reverse().join("")];
    const folded = text.toLowerCase();
    const word = fromFirstToLastLetter(folded);
    if (names.includes(folded)) return true;
    return Array.from(word).length >= 3 && names.some((each) => fromFirstToLastLetter(each) === word);
  }

  /** Whether a rule is met; undefined where only the server can tell. */
  const verdicts = {
    length(text) {
      const length = Array.from(text).length;
      return length >= Number(limits.minimumLength) && length <= Number(limits.maximumLength);
    },
    classes: (text) => classes.filter((kind) => kind.test(text)).length >= Number(limits.minimumClasses),
    notAccountName: (text) => !isAccountName(text),
    repeated: (text) => (repeated.value === "" ? undefined : text === prepared(repeated.value)),
  };

  function verdict(rule) {
    const judge = verdicts[rule.dataset.rule];
    return judge && password.value !== "" ? judge(prepared(password.value)) : undefined;
  }

  function mark(rule, isMet) {
    rule.classList.toggle("rule-met", isMet === true);
    rule.classList.toggle("rule-violated", isMet === false);
    const word = { true: rules.dataset.met, false: rules.dataset.notMet }[isMet];
    rule.querySelector("[data-rule-state]").textContent = word ? `(${word})` : "";
  }

  const all = Array.from(rules.querySelectorAll("[data-rule]"));
  const summary = rules.querySelector("[data-rules-summary]");
  let resting = null;

  // What is met is marked at once; what is not, and the summary that is read aloud, when the typing rests.

  function typed() {
    for (const rule of all) mark(rule, verdict(rule) || undefined);
    clearTimeout(resting);
    resting = setTimeout(rest, 1000);
  }

  function rest() {
    clearTimeout(resting);
    for (const rule of all) mark(rule, verdict(rule));
    const missing = all.filter((rule) => verdict(rule) === false);
    const sentences = missing.map((rule) =>
      summary.dataset.missing.replace("{rule}", () => rule.querySelector("[data-rule-text]").textContent));
    const text = password.value === "" ? "" : sentences.join(" ") || summary.dataset.allMet;
    if (summary.textContent !== text) summary.textContent = text;
  }

  for (const rule of all) rule.hidden = false;
  for (const input of [password, repeated]) {
    input.addEventListener("input", typed);
    input.addEventListener("change", rest);
  }
})();
