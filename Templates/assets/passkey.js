// Passkeys: asks the browser for the answer to the options of a form and sends it in the form's hidden field. Without
// this script, or in a browser that cannot do it, a form that has another way beside it stays hidden.
"use strict";
(() => {
  const canAsk = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

  async function answer(form) {
    const options = JSON.parse(form.dataset.passkey);
    const credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!canAsk) continue;
    form.hidden = false;
    const problem = form.querySelector("[data-passkey-problem]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      problem.hidden = true;
      // Cancelled, timed out, or no passkey for this site: browsers do not tell which, and it makes no difference.
      answer(form).catch(() => { problem.hidden = false; });
    });
  }
})();
