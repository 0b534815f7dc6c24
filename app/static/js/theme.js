/* Before the first paint: "auto" follows the machine. Kept tiny, as it blocks. */
(function () {
  var root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  function follow() { if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light"; }
  follow();
  if (dark.addEventListener) dark.addEventListener("change", follow);
})();
