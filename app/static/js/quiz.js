/* Sitting a quiz. Every answer goes to the server at once; what cannot be sent waits in this browser
   and is sent again. The server's clock and its stored answers decide; this page only shows them. */
(function () {
  "use strict";
  const root = document.getElementById("attempt");
  if (!root) return;
  const texts = JSON.parse(root.dataset.texts);
  const say = (name, values) => texts[name].replace(/\{(\w+)\}/g, (_all, key) => values[key]);
  const id = root.dataset.attempt, api = "/api/v1/attempts/" + id, store = "kho:attempt:" + id;
  const immediate = root.dataset.immediate === "1";
  const sections = Array.from(root.querySelectorAll("section[data-n]")), total = sections.length;
  const $ = (name) => document.getElementById(name);
  const section = (n) => sections[n - 1];
  const icon = (name) => $("icon-" + name).content.firstElementChild.cloneNode(true);

  // ---- what this browser keeps: answers not yet sent, flags
  let kept = { pending: {}, flags: [], at: 1 };
  try { kept = Object.assign(kept, JSON.parse(localStorage.getItem(store) || "{}")); } catch (_e) { /* unreadable: start anew */ }
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(kept)); } catch (_e) { /* full or forbidden */ } };
  const waiting = () => Object.keys(kept.pending).length;

  // ---- reading and writing the answer of a question
  const read = (box) => {
    const form = box.querySelector("form");
    if (box.dataset.kind === "true_false_group") {
      const found = {};
      box.querySelectorAll("input[type=radio]:checked").forEach((one) => { found[one.name.slice(2)] = one.value === "1"; });
      return found;
    }
    if (box.dataset.kind === "short_answer") return form.elements.r.value.trim();
    return Array.from(box.querySelectorAll("input[name=r]:checked")).map((one) => one.value);
  };
  const write = (box, response) => {
    box.querySelectorAll("input").forEach((one) => {
      if (one.name === "r" && one.type !== "text") one.checked = Array.isArray(response) && response.includes(one.value);
      else if (one.name === "r") { one.value = typeof response === "string" ? response : ""; one.dispatchEvent(new Event("cells")); }
      else if (one.name.startsWith("r-")) {
        const value = response ? response[one.name.slice(2)] : undefined;
        one.checked = typeof value === "boolean" && value === (one.value === "1");
      }
    });
  };
  const answered = (box) => {
    const found = read(box);
    return typeof found === "string" ? found !== "" : Array.isArray(found) ? found.length > 0 : Object.keys(found).length > 0;
  };

  // ---- state line
  const line = (kind, text, name) => {
    const box = $("save");
    box.className = "kc-save " + kind; box.replaceChildren(icon(name), text);
  };
  const notice = (kind, strong, text, name) => {
    const box = $("notice");
    if (!kind) { box.replaceChildren(); return; }
    const note = document.createElement("div"), words = document.createElement("p"), bold = document.createElement("b");
    note.className = "kc-note mb-3 is-" + kind;
    bold.textContent = strong; words.append(bold, " " + text); note.append(icon(name), words);
    box.replaceChildren(note);
  };
  const clock = (date) => String(date.getHours()).padStart(2, "0") + ":" + String(date.getMinutes()).padStart(2, "0");

  // ---- sending, one at a time, with patience
  let sending = false, pause = 0, timerId = null, ended = false, handingIn = false;
  const call = (method, path, body) => fetch(api + path, {
    method, credentials: "same-origin", signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
    headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": window.kho ? window.kho.csrf() : document.querySelector('meta[name="csrf"]').content },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const later = () => {
    pause = Math.min(pause ? pause * 2 : 1000, 30000);
    clearTimeout(timerId); timerId = setTimeout(flush, pause * (0.75 + Math.random() / 2));
    line("wait", texts.queued, "off");
    notice("wait", texts.offline, say("waiting", { n: waiting() }), "off");
  };
  async function flush() {
    if (sending || ended) return;
    sending = true; clearTimeout(timerId);
    try {
      for (let n = next(); n !== undefined; n = next()) {
        const box = section(n), item = kept.pending[n], seq = item.seq;
        line("wait", texts.sending, "refresh");
        let reply, body = {};
        try {
          reply = await call("PUT", "/answers/" + n, { response: item.response, revision: Number(box.dataset.revision), check: Boolean(item.check) });
          body = await reply.json();
        } catch (_e) { later(); return; }
        if (reply.ok) {
          box.dataset.revision = body.revision;
          if (body.remaining_ms !== null) resync(body.remaining_ms);
          if (kept.pending[n] && kept.pending[n].seq === seq) delete kept.pending[n];
          if (body.feedback) explain(box, body.feedback);
          pause = 0; notice(); line("ok", say("saved", { time: clock(new Date(body.saved_at)) }), "check");
        } else if (reply.status === 409 && body.current && body.current.state === "open") {
          delete kept.pending[n];
          box.dataset.revision = body.current.revision; write(box, body.current.response);
          pause = 0; line("ok", say("saved", { time: clock(new Date(body.current.saved_at)) }), "check");
          notice("wait", "", say("conflict", { n }), "refresh");
        } else if (reply.status === 409) {
          ended = true; kept.pending = {}; keep();
          notice("wait", "", body.detail || texts.closed, "x");
          location.assign("/attempts/" + id + "/result");
          return;
        } else if (reply.status === 422) {
          delete kept.pending[n];
          notice("wrong", say("question", { n }) + ".", ((body.errors || {}).response || [body.detail || texts.refused]).join(" "), "x");
        } else if (reply.status === 401 || reply.status === 403 || reply.status === 404) {
          later(); notice("wrong", "", texts.signin, "x"); return;
        } else { later(); return; }
        keep(); paint();
      }
    } finally { sending = false; }
    if (handingIn) finish();
  }
  const next = () => Object.keys(kept.pending).map(Number).sort((a, b) => kept.pending[a].seq - kept.pending[b].seq)[0];
  let seq = Object.values(kept.pending).reduce((most, one) => Math.max(most, one.seq), 0);
  const queue = (box, check) => {
    kept.pending[Number(box.dataset.n)] = { response: read(box), seq: ++seq, check };
    keep(); paint(); flush();
  };

  // ---- feedback at once (practice)
  const explain = (box, feedback) => {
    const place = box.querySelector("[data-feedback]"), tag = document.createElement("span"), found = [];
    const right = feedback.correct, partly = !right && Number(feedback.score) > 0;
    tag.className = "kc-tag " + (right ? "is-right" : partly ? "is-wait" : "is-wrong");
    tag.append(icon(right ? "check" : "x"), right ? texts.right : texts.wrong);
    found.push(tag);
    if (box.dataset.kind === "true_false_group") {
      const key = document.createElement("p");
      key.className = "mt-2 mb-2";
      key.textContent = say("key", { key: Object.entries(feedback.answer).map(([name, value]) => name + ") " + (value ? texts.true : texts.false)).join(", ") });
      found.push(key);
    } else if (box.dataset.kind === "short_answer") {
      const key = document.createElement("p");
      key.className = "mt-2 mb-2"; key.textContent = say("key", { key: feedback.answer });
      found.push(key);
    } else box.querySelectorAll(".kc-opt").forEach((one) => {
      const isKey = feedback.answer.includes(one.dataset.id);
      one.classList.toggle("right", isKey);
      one.classList.toggle("wrong", !isKey && one.querySelector("input").checked);
      if (isKey) {
        const end = document.createElement("span");
        end.className = "end"; end.style.color = "var(--kc-right)"; end.append(icon("check"), " ", say("key", { key: one.querySelector(".l").textContent }));
        one.append(end);
      }
    });
    if (feedback.explanation_html) {
      const why = document.createElement("div"), head = document.createElement("h3");
      why.className = "kc-why mt-2"; head.className = "fs-6"; head.textContent = texts.why;
      why.innerHTML = feedback.explanation_html; // made safe by the server
      why.prepend(head); found.push(why);
    }
    place.replaceChildren(...found);
    box.querySelectorAll("input[name]").forEach((one) => { if (one.name.startsWith("r") && one.name !== "revision") one.disabled = true; });
    const check = box.querySelector("[data-check]"), minus = box.querySelector("[data-minus]");
    if (check) check.hidden = true;
    if (minus) minus.disabled = true;
  };

  // ---- where we are
  let at = 1;
  const go = (n, focus) => {
    at = Math.min(Math.max(1, n), total); kept.at = at; keep();
    sections.forEach((one, index) => { one.hidden = index + 1 !== at; });
    $("place").textContent = say("place", { n: at, total });
    document.title = say("place", { n: at, total }) + " · Kho Chung";
    if (location.hash !== "#cau-" + at) history.replaceState(null, "", "#cau-" + at);
    paint();
    if (focus) { window.scrollTo(0, 0); section(at).tabIndex = -1; section(at).focus({ preventScroll: true }); }
  };
  const paint = () => {
    const links = $("list").querySelectorAll(".kc-numbers a");
    let done = 0, flags = 0;
    sections.forEach((box, index) => {
      const n = index + 1, words = [], link = links[index], isDone = answered(box);
      done += isDone; link.className = "";
      if (n === at) { link.classList.add("now"); words.push(texts.now); }
      if (isDone) link.classList.add("done");
      words.push(isDone ? texts.done : texts.empty);
      if (kept.flags.includes(n)) { flags += 1; link.classList.add("flag"); words.push(texts.flag); }
      if (kept.pending[n]) { link.classList.add("wait"); words.push(texts.wait); }
      link.setAttribute("aria-label", say("question", { n }) + ", " + words.join(", "));
      if (n === at) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
    $("n-done").textContent = done; $("n-empty").textContent = total - done; $("n-flag").textContent = flags; $("n-wait").textContent = waiting();
    $("progress").setAttribute("aria-valuenow", done); $("progress").firstElementChild.style.width = (100 * done) / total + "%";
    $("flag").setAttribute("aria-pressed", String(kept.flags.includes(at)));
    $("back").disabled = at === 1; $("next").hidden = at === total; $("hand-in").hidden = at !== total;
  };

  // ---- the clock: remaining time as the server tells it
  let end = root.dataset.remaining === "" ? null : performance.now() + Number(root.dataset.remaining), low = false;
  const resync = (ms) => { end = performance.now() + ms; };
  const left = () => (end === null ? null : Math.max(0, end - performance.now()));
  const minutes = (ms) => Math.floor(ms / 60000) + ":" + String(Math.floor(ms / 1000) % 60).padStart(2, "0");
  const tick = () => {
    if (end === null || ended) return;
    const ms = left();
    $("timer").lastElementChild.textContent = minutes(ms);
    if (ms <= 300000 && !low) { low = true; $("timer").classList.add("low"); if (window.kho && ms > 0) window.kho.say(texts.low); }
    if (ms === 0 && !handingIn) {
      handingIn = true;
      sections.forEach((box) => box.querySelectorAll("input, button").forEach((one) => { if (one.type !== "hidden") one.disabled = true; }));
      notice("wait", "", texts.over, "refresh");
      if (waiting()) flush(); else finish();
    }
  };

  // ---- handing in
  const ask = () => {
    if ($("list").open) $("list").close();
    const empty = sections.filter((box) => !answered(box)).map((box) => Number(box.dataset.n));
    const which = empty.length ? (kept.flags.length ? "missing" : "missingEmpty") : kept.flags.length ? "missingFlags" : "complete";
    const text = say(which, { empty: empty.length, flags: kept.flags.length });
    $("confirm-text").textContent = text + (end === null ? "" : " " + say("left", { time: minutes(left()) }));
    $("confirm-links").replaceChildren(...[...new Set([...empty, ...kept.flags])].slice(0, 12).map((n) => {
      const link = document.createElement("a");
      link.className = "kc-chip"; link.href = "#cau-" + n; link.textContent = say("question", { n });
      return link;
    }));
    $("confirm").showModal();
  };
  async function finish() {
    if (ended) return;
    if (waiting()) { notice("wait", "", say("unsent", { n: waiting() }), "off"); flush(); return; }
    try {
      const reply = await call("POST", "/submit");
      if (!reply.ok) throw new Error(String(reply.status));
    } catch (_e) {
      notice("wait", texts.offline, say("unsent", { n: waiting() }), "off");
      setTimeout(finish, 3000);
      return;
    }
    ended = true; localStorage.removeItem(store);
    location.assign("/attempts/" + id + "/result");
  }

  // ---- short answers: one real input over four cells
  root.querySelectorAll("[data-cells]").forEach((box) => {
    const input = box.firstElementChild, cells = [0, 1, 2, 3].map(() => document.createElement("span"));
    cells.forEach((cell) => cell.setAttribute("aria-hidden", "true"));
    box.classList.add("kc-cells"); input.classList.remove("form-control"); box.prepend(...cells);
    const show = () => cells.forEach((cell, index) => { cell.textContent = input.value[index] || ""; });
    input.addEventListener("input", () => {
      input.value = input.value.replace(/\./g, ",").replace(/[−–]/g, "-").replace(/[^-0-9,]/g, "").slice(0, 4); show();
    });
    input.addEventListener("cells", show); show();
    const minus = box.parentElement.querySelector("[data-minus]");
    minus.hidden = false;
    minus.addEventListener("click", () => {
      input.value = input.value.startsWith("-") ? input.value.slice(1) : ("-" + input.value).slice(0, 4);
      show(); input.focus(); queue(section(Number(box.closest("section").dataset.n)), false);
    });
  });

  // ---- wiring
  root.querySelectorAll("[data-noscript]").forEach((one) => { one.hidden = true; });
  ["open-list", "tools", "bottom"].forEach((name) => { $(name).hidden = false; });
  let typing = null;
  root.addEventListener("change", (event) => {
    const box = event.target.closest("section[data-n]");
    if (box && event.target.type !== "text") queue(box, false);
  });
  root.addEventListener("input", (event) => {
    if (event.target.type !== "text") return;
    const box = event.target.closest("section[data-n]");
    clearTimeout(typing); typing = setTimeout(() => queue(box, false), 500);
  });
  root.addEventListener("focusout", (event) => {
    if (event.target.type === "text" && typing) { clearTimeout(typing); typing = null; queue(event.target.closest("section[data-n]"), false); }
  });
  root.addEventListener("submit", (event) => {
    if (event.target.closest("section[data-n]")) { event.preventDefault(); queue(event.target.closest("section[data-n]"), false); }
  });
  if (immediate) root.querySelectorAll("[data-check]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => queue(button.closest("section"), true));
  });
  $("next").addEventListener("click", () => go(at + 1, true));
  $("back").addEventListener("click", () => go(at - 1, true));
  $("flag").addEventListener("click", () => {
    kept.flags = kept.flags.includes(at) ? kept.flags.filter((n) => n !== at) : [...kept.flags, at];
    keep(); paint();
  });
  $("open-list").addEventListener("click", () => $("list").showModal());
  document.addEventListener("click", (event) => {
    const link = event.target.closest('dialog a[href^="#cau-"]');
    if (link) { event.preventDefault(); link.closest("dialog").close(); go(Number(link.hash.slice(5)), true); }
    if (event.target.closest("[data-hand-in]")) ask();
  });
  $("really").addEventListener("click", () => {
    $("confirm").close(); handingIn = true;
    if (typing) { clearTimeout(typing); typing = null; queue(section(at), false); }
    finish();
  });
  window.addEventListener("hashchange", () => { const n = Number(location.hash.replace("#cau-", "")); if (n) go(n, true); });
  window.addEventListener("online", () => { pause = 0; flush(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });

  // Answers that never reached the server come back after a reload and are sent again.
  Object.entries(kept.pending).forEach(([n, item]) => { if (section(Number(n))) write(section(Number(n)), item.response); else delete kept.pending[n]; });
  go(Number(location.hash.replace("#cau-", "")) || kept.at || 1, false);
  if (waiting()) flush();
  tick(); setInterval(tick, 500);
})();
