"use strict";
/* 委托: to whom, which licences, for what, until when; and those there are. */
const HolderMandate = (() => {
  const { byId, make, record } = HolderView;
  const DAYS = 30, DAY = 86400000;
  let wallet = null, told = null, agent = null, busy = false, file = "", sure = "", turn = 0, back = () => {};

  const typed = (id) => byId(id).value.normalize("NFKC").trim();
  const pair = (word, text) => `${Words.say(word)}${Words.colon()}${text}`;
  const many = (names) => names.join(Words.say("andMore"));

  const letGo = () => {
    if (file) URL.revokeObjectURL(file);
    file = "";
    byId("mandate-file").removeAttribute("href");
    byId("mandate-package").value = "";
    byId("mandate-made").hidden = true;
  };

  const forget = () => {
    turn += 1;
    told = null; agent = null; busy = false; sure = "";
    letGo();
    ["mandate-agent", "mandate-matters", "mandate-place", "mandate-pin"].forEach((id) => { byId(id).value = ""; });
    ["mandate-fault", "mandates-fault", "mandates-done", "mandate-to"].forEach((id) => { byId(id).textContent = ""; });
    byId("mandate-all").checked = false;
    ["mandates", "mandate-licences"].forEach((id) => byId(id).replaceChildren());
  };

  /* -- those there are -------------------------------------------------------------------- */

  const button = (word, cls, act) => {
    const made = make("button", Words.say(word), cls);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  const withdraw = async (one) => {
    if (busy) return;
    busy = true;
    const mine = turn, answer = await HolderAPI.send("POST", "/mandates/withdraw", { id: one.id });
    if (mine !== turn) return;
    busy = false; sure = "";
    byId("mandates-done").textContent = answer.status === 200 ? Words.say("mandateWithdrawn") : "";
    byId("mandates-fault").textContent = answer.status === 200 ? "" : HolderView.fault(answer);
    await load();
  };

  const row = (one) => {
    const matters = one.matters.length === 1 && one.matters[0] === "*" ? Words.say("allMatters") : many(one.matters);
    const item = record(`${Words.say(one.given ? "mandateTo" : "mandateFrom")} ${one.agent}（${one.agent_number}）`, [
      pair("mandateLicences", many(one.licences)), pair("mandateFor", matters),
      `${pair("mandateUntil", HolderView.moment(one.last).slice(0, 10))}${one.ended ? ` · ${Words.say("mandateEnded")}` : ""}`,
      pair("mandatePlace", one.place),
    ]);
    if (one.ended) return item;
    if (!one.here) item.append(make("span", Words.say("mandateElsewhere")));
    else if (sure !== one.id) item.append(button("mandateWithdraw", "wide", () => { sure = one.id; draw(); }));
    else {
      item.append(make("span", Words.say("mandateSure")));
      item.append(button("mandateYes", "wide", () => withdraw(one)), button("mandateNo", "wide plain", () => { sure = ""; draw(); }));
    }
    return item;
  };

  const draw = () => {
    if (!told) return;
    byId("mandates").replaceChildren(...told.mandates.map(row));
    byId("mandates-none").hidden = told.mandates.length > 0;
    byId("new-mandate").hidden = wallet.cards.length === 0;
  };

  const load = async () => {
    const mine = turn, answer = await HolderAPI.get("/mandates");
    if (mine !== turn) return;
    if (answer.status !== 200) { byId("mandates-fault").textContent = HolderView.fault(answer); return; }
    told = answer.body;
    draw();
  };

  /* -- a new one -------------------------------------------------------------------------- */

  const drawAgent = () => {
    byId("mandate-to").textContent = agent ? `${pair("mandateGivenTo", agent.name)} · ${Words.say("numberEnds")} ${agent.number}` : "";
  };

  const drawLicences = () => {
    const before = new Set(Array.from(byId("mandate-licences").querySelectorAll("input:checked"), (box) => box.value));
    byId("mandate-licences").replaceChildren(...wallet.cards.map((card) => {
      const label = make("label", undefined, "way"), box = make("input"), words = make("span");
      box.type = "checkbox";
      box.value = card.id;
      box.checked = before.has(card.id);
      const least = card.profiles.length ? HolderView.tells(card.profiles[0]) : "";
      words.append(make("strong", `${card.type_name}${card.number_end ? ` · ${Words.say("numberEnds")} ${card.number_end}` : ""}`), least);
      label.append(box, words);
      return label;
    }));
  };

  const begin = () => {
    const kept = told;
    forget();
    told = kept;
    const today = new Date(), shifted = (days) => {
      const day = new Date(today.getTime() + days * DAY), two = (number) => String(number).padStart(2, "0");
      return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
    };
    byId("mandate-until").value = shifted(DAYS);
    byId("mandate-until").min = shifted(0);
    byId("mandate-until").max = shifted(365);
    byId("mandate-place-part").hidden = told.enters;
    byId("mandate-pin-part").hidden = !wallet.pin.set;
    byId("mandate-form").hidden = false;
    drawLicences();
    HolderView.go("mandate");
  };

  const look = async () => {
    const text = byId("mandate-agent").value.trim(), mine = turn;
    agent = null;
    drawAgent();
    byId("mandate-fault").textContent = "";
    if (!text) return;
    const answer = await HolderAPI.send("POST", "/mandates/agent", { agent: text });
    if (mine !== turn || text !== byId("mandate-agent").value.trim()) return;
    if (answer.status === 200) agent = answer.body;
    else byId("mandate-fault").textContent = answer.status === 422 ? Words.say("mandateNoAgent") : HolderView.fault(answer);
    drawAgent();
  };

  const wish = () => {
    const licences = Array.from(byId("mandate-licences").querySelectorAll("input:checked"), (box) => box.value);
    const matters = byId("mandate-all").checked ? ["*"] : typed("mandate-matters").split(/[、,;\n]/).map((one) => one.trim()).filter(Boolean);
    const missing = !agent ? ["mandateNoAgent", "mandate-agent"] : !licences.length ? ["mandateNoLicence", ""]
      : !matters.length ? ["mandateNoMatter", "mandate-matters"] : !byId("mandate-until").value ? ["mandateNoDay", "mandate-until"] : null;
    if (missing) {
      byId("mandate-fault").textContent = Words.say(missing[0]);
      if (missing[1]) byId(missing[1]).focus();
      return null;
    }
    return {
      agent: byId("mandate-agent").value.trim(), licences, matters, until: byId("mandate-until").value,
      place: told.enters ? null : typed("mandate-place") || null, pin: typed("mandate-pin") || null,
    };
  };

  const give = async () => {
    byId("mandate-fault").textContent = "";
    const body = wish();
    if (!body || busy) return;
    busy = true;
    const mine = turn, answer = await HolderAPI.send("POST", "/mandates", body);
    if (mine !== turn) return;
    busy = false;
    byId("mandate-pin").value = "";
    if (answer.status !== 200) {
      byId("mandate-fault").textContent = HolderView.fault(answer);
      if (answer.body && String(answer.body.error).startsWith("pin-")) { byId("mandate-pin-part").hidden = false; byId("mandate-pin").focus(); }
      return;
    }
    byId("mandate-form").hidden = true;
    byId("mandate-made").hidden = false;
    byId("mandate-package").value = answer.body.package;
    file = URL.createObjectURL(new Blob([answer.body.package], { type: "application/json" }));
    byId("mandate-file").href = file;
    byId("mandate-file").download = `mandate-${answer.body.id}.json`;
    byId("mandate-made-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };

  return {
    /* Draw those there are, below whatever else stands at this place. */
    open(given) { forget(); wallet = given; load(); },
    forget() { forget(); wallet = null; },
    /* Say it again in the language that was chosen. */
    speak() {
      if (!wallet) return;
      draw(); drawAgent(); drawLicences();
    },
    start(done) {
      back = done;
      byId("new-mandate").addEventListener("click", () => { if (told) begin(); });
      byId("mandate-agent").addEventListener("change", look);
      byId("mandate-form").addEventListener("submit", (event) => { event.preventDefault(); give(); });
      ["mandate-back", "mandate-finish"].forEach((id) => byId(id).addEventListener("click", () => { letGo(); back(); }));
    },
  };
})();
