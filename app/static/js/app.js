/* Small help for every page. Everything works without it; this only makes it quicker. */
(function () {
  "use strict";
  const csrf = () => (document.querySelector('meta[name="csrf"]') || {}).content || "";
  const say = (text) => {
    let box = document.getElementById("kc-status");
    if (!box) {
      box = document.createElement("div");
      box.id = "kc-status"; box.className = "kc-toast kc-toast-place"; box.setAttribute("role", "status");
      document.body.append(box);
    }
    box.textContent = text; box.hidden = false;
    clearTimeout(box.timer); box.timer = setTimeout(() => { box.hidden = true; }, 6000);
  };

  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrf(); });

  // Theme: change at once and remember in a cookie; without script the form posts instead.
  document.addEventListener("click", (event) => {
    const button = event.target.closest('[data-preferences] button[name="theme"]');
    if (button) {
      event.preventDefault();
      document.cookie = "theme=" + button.value + ";path=/;max-age=31536000;samesite=lax";
      const root = document.documentElement;
      root.dataset.theme = button.value;
      root.dataset.bsTheme = button.value !== "auto" ? button.value
        : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      button.form.querySelectorAll('button[name="theme"]').forEach((one) =>
        one.setAttribute("aria-pressed", String(one === button)));
      return;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      const source = document.getElementById(copy.dataset.copy);
      navigator.clipboard.writeText(source.innerText.trim()).then(() => say(copy.dataset.done || "✓"));
      return;
    }
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    const show = event.target.closest("[data-show-password]");
    if (show) document.getElementById(show.dataset.showPassword).type = show.checked ? "text" : "password";
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post" && !form.matches("[data-upload], [data-preferences], [hx-post]")) {
      form.dataset.sent = "1";
      setTimeout(() => { delete form.dataset.sent; }, 4000);
    }
  });
  // A file input speaks the browser's language: put a button and words of our own before it.
  document.querySelectorAll('input[type="file"].form-control').forEach((input) => {
    const box = document.createElement("div"), button = document.createElement("label"), name = document.createElement("span");
    const words = document.body.dataset;
    box.className = "kc-file"; button.className = "btn btn-line"; name.setAttribute("aria-live", "polite");
    button.append(words.chooseFile); name.textContent = words.noFile;
    input.classList.replace("form-control", "visually-hidden");
    input.before(box); button.append(input); box.append(button, name);
    input.addEventListener("change", () => { name.textContent = [...input.files].map((one) => one.name).join(", ") || words.noFile; });
  });
  document.querySelectorAll("[data-needs-script]").forEach((one) => { one.hidden = false; });
  window.kho = { csrf, say };
})();
