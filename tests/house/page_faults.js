/* Run in a page: what would stand in the way of somebody who sees little, uses no mouse or listens. */
() => {
  const faults = [];
  const tell = (what, one) => faults.push(what + ": " + (one ? (one.outerHTML || String(one)).replace(/\s+/g, " ").slice(0, 140) : ""));
  const shown = (one) => { const box = one.getBoundingClientRect(), style = getComputedStyle(one); return box.width > 0 && box.height > 0 && style.visibility !== "hidden"; };
  const words = (one) => (one.textContent || "").trim();
  const named = (one) => {
    if ((one.getAttribute("aria-label") || "").trim() || (one.getAttribute("title") || "").trim()) return true;
    const by = one.getAttribute("aria-labelledby");
    if (by) return by.split(/\s+/).some((id) => document.getElementById(id) && words(document.getElementById(id)));
    if (one.labels && [...one.labels].some(words)) return true;
    if (one.tagName === "INPUT" && ["submit", "button"].includes(one.type)) return Boolean(one.value);
    return ["A", "BUTTON", "SUMMARY"].includes(one.tagName) && (words(one) !== "" || [...one.querySelectorAll("img[alt]")].some((img) => img.alt));
  };

  // structure
  const titles = [...document.querySelectorAll("h1")].filter(shown);
  if (titles.length !== 1 && !document.querySelector(".kc-quizbar")) tell("one h1, found " + titles.length, titles[1]);
  if (document.querySelectorAll("main").length !== 1) tell("one main");
  if (!document.documentElement.lang) tell("lang");
  let last = 1;
  document.querySelectorAll("main h1, main h2, main h3, main h4, main h5, main h6").forEach((one) => {
    if (!one.getClientRects().length) return;
    const level = Number(one.tagName[1]);
    if (level > last + 1) tell("heading skips from h" + last, one);
    last = level;
  });
  const ids = {};
  document.querySelectorAll("[id]").forEach((one) => { if (ids[one.id]) tell("id twice", one); ids[one.id] = true; });
  document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls]").forEach((one) => {
    ["aria-describedby", "aria-labelledby", "aria-controls"].forEach((name) => (one.getAttribute(name) || "").split(/\s+/).filter(Boolean).forEach((id) => {
      if (!document.getElementById(id)) tell(name + " names nothing (" + id + ")", one);
    }));
  });
  document.querySelectorAll("label[for]").forEach((one) => { if (!document.getElementById(one.htmlFor)) tell("label for nothing", one); });
  document.querySelectorAll("img:not([alt])").forEach((one) => tell("picture without words", one));
  document.querySelectorAll("iframe:not([title])").forEach((one) => tell("frame without title", one));
  document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary").forEach((one) => { if (one.getClientRects().length && !named(one)) tell("control without a name", one); });
  document.querySelectorAll('input[type="radio"]').forEach((one) => { if (!one.closest("fieldset, [role=radiogroup]")) tell("radio outside a group", one); });
  document.querySelectorAll("table").forEach((one) => { if (shown(one) && !one.querySelector("th")) tell("table without headings", one); });
  document.querySelectorAll("[tabindex]").forEach((one) => { if (one.tabIndex > 0) tell("tab order by hand", one); });
  document.querySelectorAll(".kc-scroll").forEach((one) => { if (one.scrollWidth > one.clientWidth + 1 && one.tabIndex < 0) tell("scrolls but takes no focus", one); });

  // width
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide + 1) {
    const widest = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest(".kc-scroll, .kc-tabs, .visually-hidden, .katex-mathml"));
    tell("wider than the screen, " + document.documentElement.scrollWidth, widest.pop());
  }

  // size of what is touched (WCAG 2.2, 2.5.8; links within text and boxes with a label beside them are excepted)
  document.querySelectorAll("button, select, textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), a.btn, a.kc-chip, summary").forEach((one) => {
    const box = one.getBoundingClientRect();
    if (shown(one) && !one.closest(".visually-hidden") && !one.classList.contains("visually-hidden") && box.height < 24) tell("too small to touch, " + Math.round(box.height), one);
  });

  // contrast (WCAG 1.4.3)
  const parse = (text) => {
    const found = text.match(/(?:rgba?|color)\((?:srgb )?([^)]+)\)/);
    if (!found) return null;
    const parts = found[1].split(/[,/ ]+/).filter(Boolean).map(Number), most = text.startsWith("color") ? 255 : 1;
    return [parts[0] * most, parts[1] * most, parts[2] * most, parts[3] === undefined ? 1 : parts[3]];
  };
  const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, n) => {
    const value = colour[n] / 255;
    return sum + weight * (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }, 0);
  const over = (upper, lower) => [0, 1, 2].map((n) => upper[n] * upper[3] + lower[n] * (1 - upper[3])).concat(1);
  const ground = (one) => {
    const sheets = [];
    for (let place = one; place; place = place.parentElement) {
      const colour = parse(getComputedStyle(place).backgroundColor);
      if (colour && colour[3] > 0) { sheets.push(colour); if (colour[3] === 1) break; }
    }
    return sheets.reverse().reduce((below, sheet) => over(sheet, below), [255, 255, 255, 1]);
  };
  const pale = new Set();
  document.querySelectorAll("body *").forEach((one) => {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) || !shown(one)) return;
    if (one.closest(".visually-hidden, .katex-mathml, .kc-skip, iframe, noscript, template")) return;
    const style = getComputedStyle(one), below = ground(one), colour = parse(style.color);
    if (!colour) return;
    const [high, low] = [light(over(colour, below)), light(below)].sort((a, b) => b - a), size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600) ? 3 : 4.5, ratio = (high + 0.05) / (low + 0.05);
    const kind = one.tagName + "." + one.className;
    if (ratio < least && !pale.has(kind)) { pale.add(kind); tell("contrast " + ratio.toFixed(2), one); }
  });
  return faults.slice(0, 20);
}
