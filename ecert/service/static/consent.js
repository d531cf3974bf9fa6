"use strict";
/* 向持证人申请出示: which licences, what for, by whose code; then the wait for the answer.

   It is no form, so that Enter does nothing.  While it waits, the next scan takes its place. */
const Consent = (() => {
  const byId = (id) => document.getElementById(id);
  const make = (...given) => VerdictView.make(...given);
  const AGAIN = 2000, LISTEN = 300;
  const MOST_CAUSE = 200;
  let types = [], chosen = new Set(), matter = "", typed = null, fault = "", page = {};
  let asked = null, until = 0, reached = true, turn = 0, again = 0, ticking = 0, listening = 0;

  const isOpen = () => !byId("consent").hidden;
  const left = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const clock = () => `${Math.floor(left() / 60)}:${String(left() % 60).padStart(2, "0")}`;

  const stop = () => {
    turn += 1;
    window.clearTimeout(again);
    window.clearTimeout(listening);
    window.clearInterval(ticking);
    asked = null;
  };

  const close = () => {
    stop();
    typed = null; fault = ""; chosen = new Set();
    byId("consent").hidden = true;
    byId("consent").replaceChildren();
    byId("ask-holder").setAttribute("aria-pressed", "false");
    byId("result").hidden = false;
  };

  const button = (word, act, cls) => {
    const made = make("button", Words.say(word), cls);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  /* -- what is asked for ------------------------------------------------------------------ */

  const entry = (box, id, word, value, most) => {
    const label = make("label", Words.say(word)), input = make("input");
    label.htmlFor = id;
    input.id = id;
    input.type = "text";
    input.autocomplete = "off";
    input.spellcheck = false;
    input.maxLength = most;
    input.value = value;
    box.append(label, input);
  };

  const remember = () => {
    if (!byId("consent-code")) return;
    typed = { code: byId("consent-code").value, other: byId("consent-other").value, cause: byId("consent-cause").value };
    chosen = new Set(Array.from(byId("consent").querySelectorAll("input[type=checkbox]:checked"), (box) => box.value));
  };

  const choices = () => {
    const set = make("fieldset"), row = make("div", undefined, "choices");
    set.append(make("legend", `${Words.say("askTypes")}${matter ? ` · ${matter}` : ""}`), row);
    types.forEach((one, index) => {
      const label = make("label", undefined, "inline"), box = make("input");
      box.type = "checkbox";
      box.id = `asked-${index}`;
      box.value = one.code;
      box.checked = chosen.has(one.code);
      label.htmlFor = box.id;
      label.append(box, make("span", one.name));
      row.append(label);
    });
    if (!types.length) row.append(make("p", Words.say(matter ? "askNoTypes" : "askNoMatter")));
    return set;
  };

  const cancelled = () => { close(); page.over(); };

  const drawForm = () => {
    const box = byId("consent"), told = make("p", fault, "fault"), bar = make("div", undefined, "buttons");
    const title = make("h2", Words.say("askHolder"));
    title.id = "consent-title";
    box.replaceChildren(title, make("p", Words.say("askHow")));
    entry(box, "consent-code", "askCode", typed ? typed.code : "", 100);
    box.append(choices());
    entry(box, "consent-other", "askOther", typed ? typed.other : "", 200);
    entry(box, "consent-cause", "askCause", typed ? typed.cause : "", MOST_CAUSE);
    told.id = "consent-fault";
    told.setAttribute("role", "alert");
    bar.append(button("askSend", send, "main"), button("cancel", cancelled));
    box.append(told, bar);
  };

  /* Which licences the matter needs; what was ticked for another matter is not meant any more. */
  const look = async () => {
    const mine = turn, wanted = Matters.current();
    let found = [];
    try {
      const { status, body } = wanted ? await API.consentTypes(wanted) : { status: 0, body: null };
      if (status === 200) found = body.types;
      if (status === 401) { Session.out(); return; }
    } catch (error) { fault = Words.say("offline"); }
    if (mine !== turn || !isOpen() || asked || wanted !== Matters.current()) return;
    remember();
    if (wanted !== matter) chosen = new Set();
    matter = wanted; types = found;
    if (types.length === 1) chosen.add(types[0].code);
    const focused = document.activeElement && byId("consent").contains(document.activeElement) ? document.activeElement.id : "";
    drawForm();
    if (focused && byId(focused)) byId(focused).focus();
  };

  const refuse = (word, id) => {
    fault = Words.say(word);
    byId("consent-fault").textContent = fault;
    if (byId(id)) byId(id).focus();
  };

  const wish = () => {
    remember();
    const others = typed.other.split(/[、,，;；]/).map((one) => one.trim()).filter(Boolean);
    const body = { code: typed.code.trim(), types: [...chosen, ...others], matter: Matters.current(), case: byId("case").value.trim(), screen: true, copy_for_case: true };
    if (typed.cause.trim()) body.cause = typed.cause.trim();
    if (!body.matter) refuse("askNoMatter", "matter");
    else if (!body.case) refuse("askNoCase", "case");
    else if (!body.code) refuse("askNoCode", "consent-code");
    else if (!body.types.length) refuse("askNoType", "consent-other");
    else return body;
    return null;
  };

  const send = async () => {
    const body = wish();
    if (!body || asked) return;
    asked = body; fault = "";
    byId("consent-fault").textContent = "";
    const mine = turn, begun = performance.now();
    byId("announce").textContent = Words.say("askSending");
    try {
      const { status, body: told } = await API.consentBegin(body);
      if (mine !== turn) return;
      if (status === 200 && told.outcome) { close(); page.told({ verdict: told }); return; }
      if (status === 200) { wait(told, begun); return; }
      asked = null;
      if (status === 401) { close(); Session.out(); return; }
      fault = status === 400 && told && told.zh ? page.words(told) : Words.say("failed");
    } catch (error) {
      if (mine !== turn) return;
      asked = null;
      fault = Words.say("offline");
    }
    byId("announce").textContent = "";
    drawForm();
  };

  /* -- waiting ---------------------------------------------------------------------------- */

  const drawLeft = () => {
    if (byId("consent-left")) byId("consent-left").textContent = `${Words.say("numberLeft")} ${clock()}`;
    if (byId("consent-network")) byId("consent-network").textContent = reached ? "" : Words.say("askUnreached");
  };

  const drawWaiting = () => {
    const box = byId("consent"), rest = make("p", "", "large"), network = make("p", "", "fault");
    const title = make("h2", Words.say("askWaits"));
    title.id = "consent-title";
    rest.id = "consent-left";
    rest.setAttribute("role", "timer");
    network.id = "consent-network";
    network.setAttribute("role", "status");
    const names = asked.names.join(Words.isChinese() ? "、" : ", ");
    box.replaceChildren(title, make("p", `${Words.say("askedFor")}${Words.colon()}${names}`), rest, make("p", Words.say("askWaitsHow")), network, button("askCancel", cancelled));
    drawLeft();
  };

  const poll = async () => {
    const mine = turn, last = left() <= 0;
    const { names, ...body } = asked;
    try {
      const { status, body: told } = await API.consentAnswer({ ...body, last });
      if (mine !== turn) return;
      if (status === 200 && told.outcome) { close(); page.told({ verdict: told }); return; }
      if (status === 401) { close(); Session.out(); return; }
      if (status === 400) { close(); page.told({ trouble: "failed", told: told && told.zh ? told : null }); return; }
      reached = status === 200 && told.reached;
    } catch (error) {
      if (mine !== turn) return;
      reached = false;
    }
    /* Nobody answered, and nobody could be asked: that says nothing of any licence. */
    if (last) { close(); page.told({ trouble: "offline" }); return; }
    drawLeft();
    again = window.setTimeout(poll, AGAIN);
  };

  const wait = (told, begun) => {
    asked = { ...asked, names: told.types.map((one) => one.name) };
    until = begun + told.left_seconds * 1000;
    reached = true;
    byId("announce").textContent = Words.say("askWaits");
    drawWaiting();
    byId("consent").focus({ preventScroll: true });
    ticking = window.setInterval(drawLeft, 1000);
    again = window.setTimeout(poll, AGAIN);
  };

  /* Digits of an online code, whatever a scanner puts around them. */
  const isCode = (text) => /^2[0-9]{31}$/.test(text.normalize("NFKC").replace(/\D/g, ""));

  return {
    isOpen,
    close,
    /* Open it, or put it away again. */
    toggle() {
      if (isOpen()) { cancelled(); return; }
      page.begun();
      matter = ""; types = []; typed = null; fault = "";
      byId("result").hidden = true;
      byId("consent").hidden = false;
      byId("ask-holder").setAttribute("aria-pressed", "true");
      drawForm();
      byId("consent").focus({ preventScroll: true });
      byId("consent").scrollIntoView({ block: "nearest" });
      look();
    },
    /* Take a scanned code of a holder's while one is asked for; says whether it did. */
    take(text) {
      if (!isOpen() || asked || !isCode(text)) return false;
      remember();
      typed.code = text.normalize("NFKC").replace(/\D/g, "");
      fault = "";
      drawForm();
      byId("announce").textContent = Words.say("askScanned");
      byId("consent").focus({ preventScroll: true });
      return true;
    },
    /* A picture while a code is asked for: it is neither a scan nor read here; says whether it was refused. */
    takePicture() {
      if (!isOpen() || asked) return false;
      refuse("askNoPicture", "consent-code");
      return true;
    },
    /* The matter was changed. */
    listen() {
      if (!isOpen() || asked) return;
      window.clearTimeout(listening);
      listening = window.setTimeout(look, LISTEN);
    },
    /* Say it again in the language that was chosen. */
    speak() {
      if (!isOpen()) return;
      if (asked && asked.names) { drawWaiting(); return; }
      remember();
      fault = "";
      drawForm();
    },
    /* Whether this window has a show service that it can ask through. */
    offer(has) { byId("ask-holder").hidden = !has; },
    /* `begun` clears what is shown, `over` shows that nothing is; `told` takes the answer. */
    start(given) { page = given; byId("ask-holder").addEventListener("click", this.toggle); },
  };
})();
