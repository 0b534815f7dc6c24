/* Uploads one file after another, in pieces, with a bar each. Without script the form posts the ordinary way. */
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

  const token = () => window.kho ? window.kho.csrf() : document.querySelector('meta[name="csrf"]').content;

  function detail(error) {
    try { return JSON.parse(error.originalResponse.getBody()).detail; } catch (other) { return ""; }
  }

  // A whole upload becomes a file of the lesson; the same key again adds nothing twice.
  async function attach(id) {
    const answer = await fetch(said.to, {
      method: "POST", body: JSON.stringify({ upload: id }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "Idempotency-Key": id },
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.detail || "");
    // An upload raises the lesson's revision; the description being typed goes on from there.
    const revision = document.querySelector('input[name="revision"]'), now = /\d+/.exec(answer.headers.get("ETag") || "");
    if (revision && now) revision.value = now[0];
  }

  function next() {
    if (busy) return;
    const task = waiting.shift();
    if (!task) return;
    busy = true;
    const { file, shown } = task;
    const end = () => { if (shown.stop) shown.stop.remove(); busy = false; next(); };
    const fail = (text) => { refuse(shown, text || said.failed); end(); };
    const upload = new tus.Upload(file, {
      endpoint: "/api/v1/uploads",
      metadata: { filename: file.name },
      chunkSize: 4 * 1024 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (call) => { call.setHeader("X-CSRFToken", token()); call.setHeader("Accept", "application/json"); },
      onProgress: (sent, all) => {
        shown.bar.value = sent;
        shown.state.textContent = said.sending + " " + Math.floor(100 * sent / (all || 1)) + "%, " + size(file.size);
      },
      onSuccess: async () => {
        shown.state.textContent = said.checking;
        try { await attach(upload.url.split("/").pop()); } catch (error) { fail(error.message); return; }
        shown.bar.value = shown.bar.max; shown.state.textContent = said.done + ", " + size(file.size);
        end();
      },
      onError: (error) => {
        if (error.originalResponse && error.originalResponse.getStatus() < 500) { fail(detail(error)); return; }
        if (navigator.onLine) { fail(detail(error)); return; }
        shown.state.textContent = said.waiting;
        window.addEventListener("online", () => upload.start(), { once: true });
      },
    });
    shown.stop = document.createElement("button");
    shown.stop.type = "button"; shown.stop.className = "btn btn-quiet"; shown.stop.textContent = said.cancel;
    shown.stop.addEventListener("click", () => { upload.abort(true).catch(() => {}); fail(said.failed); });
    shown.item.append(shown.stop);
    // Chosen again after a reload or a crash, a file goes on where it stood.
    upload.findPreviousUploads().then((known) => {
      if (known.length) upload.resumeFromPreviousUpload(known[0]);
      upload.start();
    });
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
