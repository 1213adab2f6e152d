// Comfort only: every page does its whole job without this file. It comes first; puzzle.js and password-rules.js are
// loaded by the pages that need them.
"use strict";

(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const byID = (id) => document.getElementById(id);

  // Which button sent a form, for browsers whose submit event does not say so (Safari before 15.4). The Enter key
  // presses a button too.

  let pressed = null;
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);
  document.addEventListener("submit", (event) => {
    if (event.submitter !== undefined) return;
    const isOfForm = pressed !== null && pressed.form === event.target;
    Object.defineProperty(event, "submitter", { value: isOfForm ? pressed : null });
  }, true);

  // Field errors: the same slots that the server fills.

  function showError(input, text) {
    const slot = byID(input.id + "-error");
    if (slot) {
      slot.textContent = text;
      slot.hidden = text === "";
    }
    if (text === "") input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  }

  // What the server takes for the same password.
  const prepared = (text) => text.replace(/\p{Zs}/gu, " ").normalize("NFC");

  const shapes = {
    phone: (value) => /^\+?[0-9]{5,15}$/.test(value.replace(/[\s().-]/g, "")),
    code: (value) => /^[0-9]+$/.test(value.replace(/\s/g, "")),
  };

  /** What is wrong with a field, as text for the person; "" when nothing is. */
  function problem(input) {
    const value = input.value;
    const isPassword = input.closest("[data-reveal]") !== null;
    if ((isPassword ? value : value.trim()) === "") return input.dataset.missing || "";
    const shape = shapes[input.dataset.kind];
    if (shape && !shape(value)) return input.dataset.malformed || "";
    const other = input.dataset.sameAs && byID(input.dataset.sameAs);
    if (other && prepared(other.value) !== prepared(value)) return input.dataset.malformed || "";
    return "";
  }

  // "Send code" needs the phone number only, a button marked formnovalidate nothing; every other all required fields.
  function fieldsFor(form, button) {
    if (button && button.formNoValidate) return [];
    const sends = button && button.name === "action" && button.value === "send";
    return all("input[required]", form).filter((input) => !sends || input.dataset.kind === "phone");
  }

  function check(form, button) {
    let first = null;
    for (const input of fieldsFor(form, button)) {
      const text = problem(input);
      showError(input, text);
      if (text !== "" && !first) first = input;
    }
    if (first) first.focus();
    return first === null;
  }

  for (const form of all("form[data-check]")) {
    form.addEventListener("submit", (event) => {
      if (!check(form, event.submitter)) event.preventDefault();
    });
    form.addEventListener("input", (event) => {
      if (event.target.getAttribute("aria-invalid") === "true" && problem(event.target) === "") {
        showError(event.target, "");
      }
    });
  }

  // One submission at a time; stopping the load or going back makes the form usable again.

  function allowSubmission(form) {
    delete form.dataset.sent;
    for (const button of all("[aria-busy]", form)) button.removeAttribute("aria-busy");
  }

  // At the document, and so after whatever of a form's own keeps it back.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(allowSubmission, 8000, form);
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) all("form[data-sent]").forEach(allowSubmission);
  });

  // Tabs: links become a tab list; what was typed in either panel stays.

  for (const list of all("[data-tabs]")) {
    const tabs = all("[data-panel]", list);

    const select = (chosen, focus) => {
      for (const tab of tabs) {
        const selected = tab === chosen;
        tab.setAttribute("aria-selected", String(selected));
        tab.removeAttribute("aria-current");
        tab.tabIndex = selected ? 0 : -1;
        byID(tab.dataset.panel).hidden = !selected;
      }
      for (const alert of all("[data-alert]")) alert.hidden = true;
      history.replaceState(null, "", chosen.href);
      if (focus) chosen.focus();
    };

    list.setAttribute("role", "tablist");
    for (const tab of tabs) {
      const panel = byID(tab.dataset.panel);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      tab.setAttribute("aria-selected", String(!panel.hidden));
      tab.removeAttribute("aria-current");
      tab.tabIndex = panel.hidden ? -1 : 0;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        select(tab, true);
      });
      tab.addEventListener("keydown", (event) => {
        const at = tabs.indexOf(tab);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1, " ": at }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        select(tabs[(to + tabs.length) % tabs.length], true);
      });
    }

    for (const link of all("[data-opens]")) {
      link.addEventListener("click", (event) => {
        const tab = byID(link.dataset.opens);
        if (event.ctrlKey || event.metaKey || event.shiftKey || !tab) return;
        event.preventDefault();
        select(tab, false);
        const input = byID(tab.dataset.panel).querySelector("input[required]");
        if (input) input.focus();
      });
    }
  }

  // Resending the code: the button waits, the text counts.

  for (const button of all("[data-resend-seconds]")) {
    const text = document.querySelector("[data-resend-text]");
    const readyAt = Date.now() + Number(button.dataset.resendSeconds) * 1000;
    const label = button.textContent;

    button.addEventListener("click", (event) => {
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    });

    const tick = () => {
      const seconds = Math.ceil((readyAt - Date.now()) / 1000);
      if (seconds > 0) {
        button.setAttribute("aria-disabled", "true");
        if (text) text.textContent = text.dataset.resendText.replace("{seconds}", String(seconds));
        setTimeout(tick, 1000);
      } else {
        button.removeAttribute("aria-disabled");
        button.textContent = label;
        if (text) text.textContent = text.dataset.resendReady;
      }
    };
    tick();
  }

  // Show and hide what is typed as a password.

  for (const control of all("[data-reveal]")) {
    const words = control.dataset;
    const input = control.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reveal";
    button.setAttribute("aria-controls", input.id);

    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? words.hidePassword : words.showPassword;
      button.setAttribute("aria-label", shown ? words.hidePasswordLabel : words.showPasswordLabel);
    };
    set(false);
    button.addEventListener("click", () => set(input.type === "password"));
    // Browsers keep only fields of type password out of their form history.
    if (input.form) input.form.addEventListener("submit", () => set(false));
    control.classList.add("has-reveal");
    control.append(button);
  }

  // Times in the reader's own time zone.

  for (const time of all("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      dateStyle: "medium",
      timeStyle: "short",
    }).format(date);
  }

  // For browsers that honour autofocus on form fields only.

  window.addEventListener("load", () => setTimeout(() => {
    const alert = document.querySelector("[data-alert]:not([hidden])");
    if (alert && document.activeElement === document.body) alert.focus();
  }, 100));
})();
