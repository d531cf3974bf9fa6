"use strict";
/* The matter picker: searches as one types, remembers the last choice and the favourites. */
const Matters = (() => {
  const LAST = "ecert.matter", KEPT = "ecert.favourites", MOST = 12;
  const byId = (id) => document.getElementById(id);
  let options = [], chosen = -1, asked = null, timer = 0, changed = () => {};

  const read = (key, other) => {
    try { return JSON.parse(localStorage.getItem(key)) || other; } catch (error) { return other; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch (error) { /* private mode */ }
  };
  const favourites = () => read(KEPT, []).filter((one) => typeof one === "string").slice(0, MOST);

  const close = () => {
    options = []; chosen = -1;
    byId("matter-list").hidden = true;
    byId("matter-list").replaceChildren();
    byId("matter").setAttribute("aria-expanded", "false");
    byId("matter").removeAttribute("aria-activedescendant");
  };

  const choose = (name) => {
    byId("matter").value = name;
    keep(LAST, name);
    close();
    draw();
  };

  const mark = (place) => {
    chosen = place;
    byId("matter-list").querySelectorAll("[role=option]").forEach((element, index) => {
      element.setAttribute("aria-selected", String(index === chosen));
      if (index === chosen) {
        byId("matter").setAttribute("aria-activedescendant", element.id);
        element.scrollIntoView({ block: "nearest" });
      }
    });
  };

  const show = (found) => {
    const list = byId("matter-list");
    options = found;
    chosen = -1;
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement("li");
      item.id = `matter-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(one.name);
      const small = document.createElement("small");
      small.textContent = one.told;
      item.append(small);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one.name); });
      return item;
    }));
    list.hidden = !found.length;
    byId("matter").setAttribute("aria-expanded", String(found.length > 0));
  };

  const search = async () => {
    const text = byId("matter").value.trim();
    if (asked) asked.abort();
    if (!text) { close(); return; }
    asked = new AbortController();
    try {
      const { status, body } = await API.matters(text, asked.signal);
      if (status !== 200) { close(); return; }
      /* The clerk, or a scan, may have gone on meanwhile. */
      if (document.activeElement !== byId("matter")) { close(); return; }
      const scenes = body.scenes.map((name) => ({ name, told: Words.say("scene") }));
      const matters = body.matters.map((one) => ({ name: one.name, told: `${one.department}　${one.code}` }));
      const found = [...scenes, ...matters];
      if (found.length === 1 && found[0].name === text) close(); else show(found);
    } catch (error) { /* A newer search has taken its place, or the service is gone. */ }
  };

  const draw = () => {
    const name = byId("matter").value.trim();
    changed();
    byId("favourite").setAttribute("aria-pressed", String(Boolean(name) && favourites().includes(name)));
    byId("favourites").replaceChildren(...favourites().map((one) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = one;
      button.setAttribute("aria-pressed", String(one === name));
      button.addEventListener("click", () => choose(one));
      return button;
    }));
  };

  return {
    current: () => byId("matter").value.trim(),
    draw,
    /* `then` is told whenever the matter may be another. */
    start(then) {
      changed = then;
      byId("matter").value = read(LAST, "");
      byId("matter").addEventListener("input", () => {
        window.clearTimeout(timer);
        timer = window.setTimeout(search, 60);
        keep(LAST, byId("matter").value.trim());
        draw();
      });
      byId("matter").addEventListener("blur", () => close());
      byId("matter").addEventListener("keydown", (event) => {
        if (event.key === "ArrowDown" && options.length) { event.preventDefault(); mark((chosen + 1) % options.length); }
        if (event.key === "ArrowUp" && options.length) { event.preventDefault(); mark((chosen + options.length - 1) % options.length); }
        if (event.key === "Enter") { event.preventDefault(); if (chosen >= 0) choose(options[chosen].name); }
        if (event.key === "Escape" && options.length) { event.stopPropagation(); close(); }
      });
      byId("favourite").addEventListener("click", () => {
        const name = byId("matter").value.trim();
        if (!name) return;
        const kept = favourites();
        keep(KEPT, kept.includes(name) ? kept.filter((one) => one !== name) : [...kept, name].slice(-MOST));
        draw();
      });
      draw();
    },
  };
})();
