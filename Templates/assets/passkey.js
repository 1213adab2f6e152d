// Passkeys: hands the page's options to the browser and the browser's answer to the page's form.
// A form with `data-passkey="create"` or `"get"` has the options as JSON (WebAuthn Level 3 §5.1.9, §5.1.10), a hidden
// field for the answer, a button that starts it, and a place for what went wrong. Nothing is decided here.
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  /** The options with bytes in place of base64url; browsers have a function for it only lately. */
  function parsed(options) {
    const all = { ...options, challenge: bytes(options.challenge) };
    if (options.user) all.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) all.excludeCredentials = descriptors(options.excludeCredentials);
    if (options.allowCredentials) all.allowCredentials = descriptors(options.allowCredentials);
    return all;
  }

  /** The answer as `PublicKeyCredential.toJSON` has it. */
  function written(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = base64url(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response,
      clientExtensionResults: {},
    });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const start = form.querySelector("[data-passkey-start]");
    const state = form.querySelector("[data-passkey-state]");
    const answer = form.querySelector("[data-passkey-answer]");
    const way = form.dataset.passkey;
    // Where there are other ways, a form that cannot work is not shown.
    if (form.hidden && window.PublicKeyCredential && navigator.credentials) form.hidden = false;

    start.addEventListener("click", async () => {
      if (start.getAttribute("aria-busy") === "true") return;
      // It was answered before, and the form had to wait for something else.
      if (answer.value) {
        form.requestSubmit();
        return;
      }
      state.textContent = "";
      if (!window.PublicKeyCredential || !navigator.credentials) {
        state.textContent = form.dataset.unsupported;
        return;
      }
      start.setAttribute("aria-busy", "true");
      try {
        const publicKey = parsed(JSON.parse(form.dataset.passkeyOptions));
        answer.value = written(await navigator.credentials[way]({ publicKey }));
        start.removeAttribute("aria-busy");
        form.requestSubmit();
      } catch (error) {
        // Of a device that has one already; everything else, a person's "no" too, is one sentence.
        state.textContent = error.name === "InvalidStateError" ? form.dataset.existing : form.dataset.failed;
        start.removeAttribute("aria-busy");
      }
    });

    // Enter in a field does what the button does: there is nothing to send without an answer.
    form.addEventListener("submit", (event) => {
      if (answer.value) return;
      event.preventDefault();
      start.click();
    });
  }
})();
