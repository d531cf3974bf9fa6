"use strict";
/* What all parts of the holder's page draw with.  Every text goes in as text. */
const HolderView = (() => {
  const byId = (id) => document.getElementById(id);
  const PLACES = ["outside", "list", "choose", "code", "consent", "request", "mandate", "log", "pin"];
  const make = (name, text, cls) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (cls) element.className = cls;
    return element;
  };
  const profileName = (name) => (name === "minimal" || name === "full" ? Words.say(name) : name);
  const items = (way) => (Words.isChinese() ? way.zh : way.en);
  const day = (text) => {
    const parts = text.split("-").map(Number);
    return Words.isChinese() && parts.length === 3 && parts.every(Number.isInteger) ? `${parts[0]}年${parts[1]}月${parts[2]}日` : text;
  };

  const lines = (card) => [
    make("span", card.type_name, "name"),
    make("span", card.issuer_name),
    make("span", [card.holders.join(Words.say("andMore")), card.number_end && `${Words.say("numberEnds")} ${card.number_end}`].filter(Boolean).join(" · ")),
    make("span", card.valid_until ? `${Words.say("until")} ${day(card.valid_until)}` : Words.say("noEnd")),
    make("span", Words.say(card.state)),
  ];

  return {
    byId, make, profileName, items,

    /* Show one place, and take the others away. */
    go(place, focus = true) {
      PLACES.forEach((one) => { byId(one).hidden = one !== place; });
      byId("places").hidden = place === "outside" || place === "code" || place === "request";
      document.querySelectorAll("[data-place]").forEach((button) => {
        if (button.dataset.place === place) button.setAttribute("aria-current", "page");
        else button.removeAttribute("aria-current");
      });
      byId("trouble").textContent = "";
      window.scrollTo(0, 0);
      const title = byId(`${place}-title`);
      if (focus && title) title.focus({ preventScroll: true });
    },

    /* One licence as a button. */
    card(card, chosen) {
      const button = make("button", undefined, `licence ${card.state}`);
      button.type = "button";
      if (chosen !== null) button.setAttribute("aria-pressed", String(chosen));
      if (chosen) button.append(make("span", Words.say("isChosen"), "name"));
      button.append(...lines(card));
      return button;
    },

    /* What whoever checks will see, in one sentence. */
    tells: (way) => `${Words.say("tells")}${Words.colon()}${items(way).join(Words.say("andMore"))}`,

    /* One entry of the log. */
    record(title, rows) {
      const item = make("li", undefined, "record");
      item.append(make("span", title, "name"), ...rows.filter(Boolean).map((row) => make("span", row)));
      return item;
    },

    moment: (text) => {
      const at = new Date(text), two = (number) => String(number).padStart(2, "0");
      return Number.isNaN(at.getTime()) ? "" : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
    },

    /* Why something was not done, in words. */
    fault({ status, body }) {
      const code = body && body.error;
      if (code === "pin-needed") return Words.say("pinNeeded");
      if (code === "pin-wrong") return `${Words.say("pinWrong")} ${body.tries_left} ${Words.say("times")}`.trim();
      if (code === "pin-locked") return Words.say("pinLocked");
      if (code === "too-often") return Words.say("tooOften");
      if (status >= 500 && status !== 502 && status !== 503) return Words.say("holderFailed");
      if (!body || !body.zh) return Words.say("holderFailed");
      const fix = Words.isChinese() ? body.fix_zh : body.fix_en;
      return Words.both(body) + (fix ? (Words.isChinese() ? `。${fix}` : `. ${fix}`) : "");
    },
  };
})();

/* Asks the holder's API; whoever is not signed in any more is led outside. */
const HolderAPI = (() => {
  let outside = () => {};
  const ask = async (path, how) => {
    try {
      const answer = await API.ask(`api/wallet${path}`, how);
      if (answer.status === 401) outside();
      return answer;
    } catch (error) {
      return { status: 0, body: { zh: Words.say("holderOffline"), en: Words.say("holderOffline") } };
    }
  };
  return {
    onOutside: (then) => { outside = then; },
    get: (path) => ask(path),
    send: (method, path, body) => ask(path, body === undefined ? { method } : API.json(method, body)),
  };
})();
