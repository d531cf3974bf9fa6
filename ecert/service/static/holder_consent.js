"use strict";
/* A window asks for licences: a code to be asked by, who asks and what for, yes or no. */
const HolderConsent = (() => {
  const { byId, make } = HolderView;
  /* Seconds between two looks whether a window has asked. */
  const AGAIN = 3;
  let wallet = null, digits = "", told = null, ends = 0, turn = 0, waiting = 0, ticking = 0, busy = false, said = "", beside = () => {};

  const typed = (id) => byId(id).value.normalize("NFKC").trim() || null;

  const stop = () => {
    turn += 1;
    window.clearTimeout(waiting);
    window.clearInterval(ticking);
    busy = false;
  };

  const forget = () => {
    stop();
    digits = ""; told = null; said = "";
    ["consent-pin", "request-pin"].forEach((id) => { byId(id).value = ""; });
    ["consent-fault", "request-fault", "consent-done", "request-left"].forEach((id) => { byId(id).textContent = ""; });
    ["request-who", "request-types", "consent-services"].forEach((id) => byId(id).replaceChildren());
  };

  /* -- a code to be asked by -------------------------------------------------------------- */

  const needsPIN = (part, id) => { byId(part).hidden = false; byId(id).focus(); };

  const refused = (answer, fault, part, pin) => {
    byId(fault).textContent = HolderView.fault(answer);
    byId(pin).value = "";
    if (answer.body && String(answer.body.error).startsWith("pin-")) needsPIN(part, pin);
  };

  const draw = () => {
    if (!wallet) return;
    byId("consent-part").hidden = wallet.services.length === 0;
    byId("consent-none").hidden = wallet.services.length > 0;
    byId("consent-done").textContent = said ? Words.say(said) : "";
    byId("consent-services").replaceChildren(...wallet.services.map((one) => {
      const name = Words.say("makeConsent") + (wallet.services.length > 1 ? ` · ${one.name}` : "");
      const button = make("button", name, "wide main");
      button.type = "button";
      button.addEventListener("click", () => ask(one.region));
      return button;
    }));
  };

  const open = (message) => {
    said = message || "";
    byId("consent-fault").textContent = "";
    byId("consent-pin-part").hidden = !wallet.pin.set;
    HolderView.go("consent");
    draw();
    beside(wallet);
  };

  const ask = async (region) => {
    if (busy) return;
    busy = true;
    said = "";
    byId("consent-done").textContent = "";
    byId("consent-fault").textContent = "";
    const asked = HolderCode.now(), mine = turn;
    const answer = await HolderAPI.send("POST", "/consent", { region, pin: typed("consent-pin") });
    if (mine !== turn) return;
    busy = false;
    if (answer.status !== 200) { refused(answer, "consent-fault", "consent-pin-part", "consent-pin"); return; }
    byId("consent-pin").value = "";
    digits = answer.body.digits;
    HolderView.go("code", false);
    byId("code-title").textContent = Words.say("consentCode");
    byId("code-tells").textContent = Words.say("consentCodeTells");
    byId("code-title").focus({ preventScroll: true });
    HolderCode.showOnline(answer.body, asked);
    watch(turn);
  };

  const watch = (mine) => { waiting = window.setTimeout(() => look(mine), AGAIN * 1000); };

  const look = async (mine) => {
    // It was put away, cancelled, or has run out.
    if (mine !== turn || HolderCode.online() !== digits) return;
    const asked = HolderCode.now();
    const answer = await HolderAPI.send("POST", "/consent/pending", { code: digits });
    if (mine !== turn || HolderCode.online() !== digits) return;
    if (answer.status === 200 && answer.body.state === "waiting") {
      HolderCode.end();
      byId("cancel-online").hidden = true;
      told = answer.body;
      ends = asked + told.left_seconds;
      request();
      return;
    }
    watch(mine);
  };

  /* -- the request ------------------------------------------------------------------------ */

  const pair = (word, text) => (text ? make("span", `${Words.say(word)}${Words.colon()}${text}`) : null);

  const handed = (one) => {
    const names = [Words.say("wholeHolder"), ...one.fields];
    if (one.portrait) names.push(Words.say("photo"));
    return `${Words.say("handsOver")}${Words.colon()}${names.join(Words.say("andMore"))}`;
  };

  const choice = (index, value, checked, title, text) => {
    const label = make("label", undefined, "way"), input = make("input"), words = make("span");
    input.type = "radio";
    input.name = `request-${index}`;
    input.value = value;
    input.checked = checked;
    words.append(make("strong", title), text);
    label.append(input, words);
    return label;
  };

  const chosen = () => told.types.map((one, index) => {
    const input = byId("request-types").querySelector(`input[name="request-${index}"]:checked`);
    return input ? input.value : "";
  }).filter(Boolean);

  const drawRequest = (before) => {
    const region = Words.isChinese() ? `（${told.region_name}）` : ` (${told.region_name})`;
    byId("request-who").replaceChildren(...[
      make("span", told.office + region, "name"),
      told.organisation === told.office ? null : pair("requestOrganisation", told.organisation),
      pair("requestClerk", told.clerk), pair("requestMatter", told.matter),
      pair("requestCase", told.case), pair("requestCause", told.cause),
    ].filter(Boolean));
    byId("request-types").replaceChildren(...told.types.map((one, index) => {
      const box = make("fieldset");
      box.append(make("legend", one.name));
      if (!one.licences.length) { box.append(make("p", Words.say("notHeld"))); return box; }
      const good = one.licences.findIndex((card) => card.state === "current" || card.state === "expiring");
      one.licences.forEach((card, number) => {
        const title = [card.number_end && `${Words.say("numberEnds")} ${card.number_end}`, Words.say(card.state)].filter(Boolean).join(" · ");
        box.append(choice(index, card.id, before ? before.includes(card.id) : number === good, title, handed(card)));
      });
      const none = before ? !one.licences.some((card) => before.includes(card.id)) : good < 0;
      box.append(choice(index, "", none, Words.say("leaveOut"), Words.say("leaveOutTells")));
      return box;
    }));
    byId("agree").hidden = !told.types.some((one) => one.licences.length);
    tick();
  };

  const tick = () => {
    const left = Math.max(0, Math.ceil(ends - HolderCode.now()));
    byId("request-left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} ${Words.say("requestLeft")}`;
    if (left <= 0) { forget(); open("requestOver"); }
  };

  const request = () => {
    window.clearInterval(ticking);
    ticking = window.setInterval(tick, 1000);
    byId("request-fault").textContent = "";
    byId("request-pin-part").hidden = !wallet.pin.set;
    HolderView.go("request");
    drawRequest();
  };

  const settle = async (path, body, message) => {
    if (busy) return;
    busy = true;
    byId("request-fault").textContent = "";
    const mine = turn, answer = await HolderAPI.send("POST", path, body);
    if (mine !== turn) return;
    busy = false;
    if (answer.status !== 200) { refused(answer, "request-fault", "request-pin-part", "request-pin"); return; }
    forget();
    open(message);
  };

  const agree = () => {
    const licences = chosen();
    if (!licences.length) { byId("request-fault").textContent = Words.say("chooseOne"); return; }
    settle("/consent/agree", { code: digits, licences, pin: typed("request-pin") }, "agreed");
  };

  return {
    open(given) { forget(); wallet = given; open(); },
    forget() { forget(); wallet = null; },
    /* Say it again in the language that was chosen. */
    speak() {
      draw();
      if (told) drawRequest(chosen());
    },
    /* `then` is told the wallet each time this place is opened, for what else stands there. */
    start(then) {
      beside = then;
      byId("request-form").addEventListener("submit", (event) => { event.preventDefault(); agree(); });
      byId("refuse").addEventListener("click", () => settle("/consent/decline", { code: digits }, "refused"));
    },
  };
})();
