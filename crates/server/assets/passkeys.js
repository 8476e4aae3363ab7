/* Passkeys: asks the browser's authenticator for the answer of a form, and sends the form with it. The server writes the
   options (data-options) and the texts. Where browsers make no passkeys, the form says so, and the page has another way. */
(() => {
  const asked = {
    create: options => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
    get: options => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const options = JSON.parse(form.dataset.options), host = options.rp?.id ?? options.rpId;
    const button = form.querySelector("button"), note = name => form.querySelector(`[data-${name}]`);
    const here = location.hostname === host || location.hostname.endsWith(`.${host}`);
    if (!here || !window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      button.disabled = true;
      note("unavailable").hidden = false;
      continue;
    }
    form.addEventListener("submit", async e => {
      e.preventDefault();
      note("failed").hidden = true;
      button.setAttribute("aria-busy", "true");
      try {
        const credential = await asked[form.dataset.passkey](options);
        form.elements.answer.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch {
        // The person said no, had none, or the time was over.
        button.removeAttribute("aria-busy");
        note("failed").hidden = false;
      }
    });
  }
})();
