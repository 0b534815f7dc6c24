/* Search: completions while typing, filters that apply at once, the drawer of filters on a phone. */
(function () {
  "use strict";

  document.querySelectorAll("input[data-suggest]").forEach((input) => {
    const list = document.createElement("datalist");
    list.id = input.id + "-goi-y";
    input.after(list);
    input.setAttribute("list", list.id);
    let timer = 0;
    let asked = input.value.trim();
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const words = input.value.trim();
        if (words.length < 2 || words === asked) return;
        asked = words;
        fetch("/api/v1/suggest?q=" + encodeURIComponent(words), { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : { items: [] }))
          .then((found) => {
            if (input.value.trim() !== words) return;
            list.replaceChildren(...found.items.map((title) => {
              const option = document.createElement("option");
              option.value = title;
              return option;
            }));
          })
          .catch(() => {});
      }, 180);
    });
  });

  const form = document.getElementById("loc");
  const drawer = document.getElementById("bo-loc");
  if (form) {
    document.addEventListener("change", (event) => {
      const inDrawer = drawer && drawer.classList.contains("open") && drawer.contains(event.target);
      if (event.target.form === form && !inDrawer) form.requestSubmit();
    });
    form.addEventListener("submit", () => {
      // The relevance order is the usual one: keep it out of the address.
      const sort = document.getElementById("s");
      if (sort && sort.value === "relevance") sort.disabled = true;
      setTimeout(() => { if (sort) sort.disabled = false; }, 0);
    });
  }

  const button = document.querySelector("[data-drawer]");
  if (button && drawer) {
    let scrim = null;
    const close = () => {
      drawer.classList.remove("open");
      if (scrim) scrim.remove();
      scrim = null;
      button.setAttribute("aria-expanded", "false");
      button.focus();
    };
    const open = () => {
      drawer.classList.add("open");
      scrim = document.createElement("div");
      scrim.className = "kc-scrim";
      scrim.addEventListener("click", close);
      document.body.append(scrim);
      button.setAttribute("aria-expanded", "true");
      drawer.focus();
    };
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", drawer.id);
    button.setAttribute("role", "button");
    button.addEventListener("click", (event) => { event.preventDefault(); open(); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && scrim) close(); });
    if (drawer.classList.contains("open") && matchMedia("(max-width: 991px)").matches) open();
  }
})();
