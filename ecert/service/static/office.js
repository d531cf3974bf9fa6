"use strict";
/* What the office pages share: making elements (text stays text), asking, language, signing in. */
const Office = (() => {
  const LANGUAGE = "ecert.language";
  const byId = (id) => document.getElementById(id);
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch (error) { /* private mode */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch (error) { return null; } };
  const OUTCOMES = ["accepted", "not-recognised", "refused", "undetermined"];

  const make = (name, text, cls) => {
    const element = document.createElement(name);
    if (text !== undefined && text !== null) element.textContent = text;
    if (cls) element.className = cls;
    return element;
  };
  const cell = (name, value, cls) => {
    if (value instanceof Node) { const made = make(name, undefined, cls); made.append(value); return made; }
    return make(name, value === null || value === undefined ? "" : String(value), cls);
  };
  /* A table of texts and elements; `classes` says which columns are numbers. */
  const table = (caption, heads, rows, classes = []) => {
    const made = make("table"), head = make("thead"), line = make("tr"), body = make("tbody");
    heads.forEach((text, place) => { const th = cell("th", text, classes[place]); th.scope = "col"; line.append(th); });
    head.append(line);
    rows.forEach((row) => {
      const tr = make("tr");
      row.forEach((value, place) => tr.append(cell("td", value, classes[place])));
      body.append(tr);
    });
    made.append(make("caption", caption), head, body);
    return made;
  };
  const told = (pairs) => {
    const list = make("dl", undefined, "told");
    pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
      .forEach(([label, value]) => list.append(make("dt", label), cell("dd", value)));
    return list;
  };
  const options = (select, pairs, chosen) => {
    select.replaceChildren(...pairs.map(([value, text]) => {
      const one = make("option", text);
      one.value = value;
      return one;
    }));
    select.value = pairs.some(([value]) => value === chosen) ? chosen : pairs[0][0];
  };
  const two = (number) => String(number).padStart(2, "0");
  /* A moment as the office reads it: Asia/Shanghai, whatever the machine's zone is. */
  const moment = (text) => {
    if (!text) return "";
    const at = new Date(Date.parse(text) + 8 * 3600000);
    return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };
  const trouble = (text) => { byId("banner").hidden = !text; byId("banner").textContent = text; };
  /* Ask the service; null where there is no answer to show, and the banner says why. */
  const ask = async (path, how) => {
    try {
      const { status, body } = await API.ask(path, how);
      if (status === 401) { Session.out(); return null; }
      if (status === 200) { trouble(""); return body; }
      if (status === 403) trouble(Words.say("forbidden"));
      else trouble(body && body.zh ? Words.both(body) : Words.say("officeFailed"));
    } catch (error) { trouble(Words.say("officeOffline")); }
    return null;
  };
  const query = (values) => {
    const given = new URLSearchParams();
    Object.entries(values).forEach(([name, value]) => { if (value !== "" && value !== null && value !== undefined) given.set(name, value); });
    return given.toString();
  };

  return {
    byId, make, table, told, options, moment, ask, query, trouble, remember, recall, OUTCOMES,
    mark: (outcome) => make("span", Words.say(outcome), `mark ${OUTCOMES.includes(outcome) ? outcome : ""}`),
    /* Start the page: `draw` writes all anew in the language, `load` asks for what is shown. */
    async start(draw, load) {
      const language = (name) => {
        Words.choose(name);
        remember(LANGUAGE, name);
        byId("language").textContent = name === "en" ? "中文" : "English";
        byId("language").lang = name === "en" ? "zh-CN" : "en";
        draw();
      };
      language(recall(LANGUAGE) === "en" ? "en" : "zh");
      byId("language").addEventListener("click", () => language(Words.isChinese() ? "en" : "zh"));
      await Session.start(() => { byId("desk").hidden = false; load(); }, () => { byId("desk").hidden = true; trouble(""); });
    },
  };
})();
