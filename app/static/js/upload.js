/* Uploads one file after another with a bar each. Without script the form posts the ordinary way. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const said = form.dataset, list = form.querySelector(".kc-upload");
  const input = form.querySelector('input[type="file"]'), drop = form.querySelector(".kc-drop");
  const waiting = [];
  let busy = false;

  const size = (bytes) => {
    const units = ["B", "kB", "MB", "GB"];
    let n = 0;
    while (bytes >= 1000 && n < 3) { bytes /= 1000; n += 1; }
    return new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes) + " " + units[n];
  };

  function row(file) {
    const item = document.createElement("li"), line = document.createElement("div");
    line.className = "spread";
    const name = document.createElement("b"), state = document.createElement("span");
    name.textContent = file.name; state.className = "muted num"; state.textContent = size(file.size);
    line.append(name, state);
    const bar = document.createElement("progress");
    bar.max = file.size || 1; bar.value = 0; bar.setAttribute("aria-label", file.name);
    item.append(line, bar); list.append(item);
    return { item, state, bar };
  }

  function refuse(shown, text) {
    shown.bar.remove(); shown.state.remove();
    if (shown.stop) shown.stop.remove();
    const error = document.createElement("p");
    error.className = "kc-err"; error.textContent = text;
    shown.item.append(error);
  }

  function next() {
    if (busy) return;
    const task = waiting.shift();
    if (!task) return;
    busy = true;
    const { file, shown } = task, call = new XMLHttpRequest(), body = new FormData();
    body.append("file", file, file.name);
    call.open("POST", form.action);
    call.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    call.setRequestHeader("X-CSRFToken", window.kho ? window.kho.csrf() : document.querySelector('meta[name="csrf"]').content);
    call.setRequestHeader("Accept", "application/json");
    call.upload.addEventListener("progress", (event) => {
      shown.bar.value = Math.min(event.loaded, file.size);
      shown.state.textContent = said.sending + " " + Math.floor(100 * event.loaded / (event.total || 1)) + "%, " + size(file.size);
    });
    call.upload.addEventListener("load", () => { shown.state.textContent = said.checking; });
    call.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(call.responseText); } catch (error) { /* an error page */ }
      if (call.status === 201 && !(answer.errors || []).length) {
        if (shown.stop) shown.stop.remove();
        shown.bar.value = shown.bar.max; shown.state.textContent = said.done + ", " + size(file.size);
      } else {
        refuse(shown, (answer.errors || []).join(" ") || answer.detail || (call.status === 413 ? said.tooLarge : said.failed));
      }
      // An upload raises the lesson's revision; the description being typed goes on from there.
      const revision = document.querySelector('input[name="revision"]');
      if (revision && answer.revision) revision.value = answer.revision;
      busy = false; next();
    });
    shown.stop = document.createElement("button");
    shown.stop.type = "button"; shown.stop.className = "btn btn-quiet"; shown.stop.textContent = said.cancel;
    shown.stop.addEventListener("click", () => call.abort());
    shown.item.append(shown.stop);
    call.send(body);
  }

  function take(files) {
    for (const file of files) {
      const shown = row(file);
      if (file.size > Number(said.limit)) refuse(shown, said.tooLarge);
      else waiting.push({ file, shown });
    }
    next();
  }

  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  ["dragover", "dragleave", "drop"].forEach((kind) => drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop") take([...event.dataTransfer.files]);
  }));
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
