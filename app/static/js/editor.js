/* The question editor: shows the fields of the chosen kind and a live preview drawn by the server. */
(function () {
  "use strict";
  const form = document.querySelector("[data-question-editor]");
  if (!form) return;
  const target = document.getElementById("preview");
  const kind = form.elements.kind;
  let timer, asking, dirty = false;

  const show = () => {
    form.querySelectorAll("[data-kinds]").forEach((part) => {
      part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
    });
    form.querySelectorAll("[data-one]").forEach((one) => { one.hidden = kind.value !== "single_choice"; });
    form.querySelectorAll("[data-many]").forEach((one) => { one.hidden = kind.value !== "multiple_choice"; });
  };

  const typed = () => { const data = new FormData(form); data.delete("picture"); return data; };

  const draw = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: typed(), signal: asking.signal, credentials: "same-origin",
        headers: { "X-CSRFToken": window.kho ? window.kho.csrf() : "" },
      });
      if (answer.ok) target.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") return;
    }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(draw, 350); };

  const topics = async () => {
    const query = new URLSearchParams({ subject: form.elements.subject.value, grade: form.elements.grade.value });
    const answer = await fetch(form.dataset.topics + "?" + query, { credentials: "same-origin" });
    if (!answer.ok) return;
    const chosen = form.elements.topic.value;
    form.elements.topic.innerHTML = await answer.text();
    form.elements.topic.value = chosen;
    if (form.elements.topic.selectedIndex < 0) form.elements.topic.selectedIndex = 0;
  };

  const grow = (area) => { area.style.height = "auto"; area.style.height = area.scrollHeight + 2 + "px"; };

  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) grow(event.target);
    if (!dirty) {
      dirty = true;
      const state = document.querySelector(".kc-save");
      if (state) { state.classList.remove("ok"); state.textContent = form.dataset.unsaved; }
    }
    soon();
  });
  form.addEventListener("change", (event) => {
    if (event.target === kind) show();
    if (event.target === form.elements.subject || event.target === form.elements.grade) topics();
    soon();
  });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  // Options beyond the fourth come one by one.
  const more = form.querySelector("[data-add-choice]");
  const spare = [...form.querySelectorAll("[data-more]")];
  spare.forEach((row) => { row.style.setProperty("display", "none", "important"); });
  more.hidden = !spare.length;
  more.addEventListener("click", () => {
    const row = spare.shift();
    row.style.removeProperty("display");
    row.querySelector("textarea").focus();
    more.hidden = !spare.length;
  });
  // Pictures go where the caret is: by the button, by pasting, by dropping.
  const choose = form.elements.picture;
  let into = form.elements.stem;
  const put = async (file, area) => {
    const body = new FormData();
    body.append("file", file);
    window.kho.say(form.dataset.uploading);
    try {
      const answer = await fetch(form.dataset.media, {
        method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": window.kho.csrf() },
      });
      const kept = await answer.json();
      if (!answer.ok) { window.kho.say(kept.detail || form.dataset.failed); return; }
      const at = area.selectionStart;
      const before = area.value.slice(0, at);
      const gap = area.rows > 1 && before && !before.endsWith("\n") ? "\n\n" : "";
      area.setRangeText(gap + kept.markdown, at, area.selectionEnd, "end");
      area.focus();
      area.setSelectionRange(at + gap.length + 2, at + gap.length + 2);
      area.dispatchEvent(new Event("input", { bubbles: true }));
      window.kho.say([form.dataset.described].concat(kept.messages).join(" "));
    } catch (error) {
      window.kho.say(form.dataset.failed);
    }
  };
  form.addEventListener("focusin", (event) => { if (event.target.matches("textarea")) into = event.target; });
  choose.addEventListener("change", (event) => {
    event.stopPropagation();
    if (choose.files[0]) put(choose.files[0], into);
    choose.value = "";
  });
  form.querySelector("[data-add-picture]").addEventListener("click", (event) => {
    event.preventDefault();
    choose.click();
  });
  form.addEventListener("dragover", (event) => {
    if (event.target.matches("textarea") && [...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });
  for (const name of ["paste", "drop"]) {
    form.addEventListener(name, (event) => {
      const held = (event.clipboardData || event.dataTransfer || {}).files;
      const file = held && [...held].find((one) => one.type.startsWith("image/"));
      if (!file || !event.target.matches("textarea")) return;
      event.preventDefault();
      put(file, event.target);
    });
  }
  form.querySelectorAll("[data-without-script]").forEach((one) => { one.hidden = true; });
  form.querySelectorAll("textarea").forEach(grow);
  show();
})();
