"use strict";
/* What was shown, to whom; and who fetched something on line. */
const HolderLog = (() => {
  const { byId, make, record, moment } = HolderView;
  let told = null, fetched = null, online = false;

  const pair = (word, text) => (text ? `${Words.say(word)}${Words.colon()}${text}` : "");

  const shown = (one) => record(one.licences.join(Words.say("andMore")), [
    one.codes > 1 ? `${moment(one.from)} – ${moment(one.until).slice(11)}` : moment(one.from),
    one.online ? `${Words.say("online")} ${one.service || ""}`.trim() : HolderView.profileName(one.profile).replace(/（.*|\s\(.*/, ""),
    pair("toWhom", one.to),
    pair("forMatter", one.matter),
    pair("windowNumber", one.challenge),
  ]);

  const draw = () => {
    if (!told) return;
    byId("shown").replaceChildren(...told.shown.map(shown));
    byId("log-more").textContent = told.shown.length === 0 ? Words.say("logNone")
      : told.dropped ? `${Words.say("logDropped")}${told.dropped}` : "";
    byId("clear-log").hidden = told.shown.length === 0;
    byId("who-fetched").hidden = !online;
    if (!fetched) { byId("fetched").replaceChildren(); return; }
    const rows = fetched.map((one) => record(one.office || Words.say("unknownOffice"), [
      moment(one.at), Words.say(one.outcome), one.licences.join(Words.say("andMore")),
      pair("forMatter", one.matter || one.cause),
    ]));
    byId("fetched").replaceChildren(...(rows.length ? rows : [make("li", Words.say("fetchedNone"), "record")]));
  };

  const load = async () => {
    const answer = await HolderAPI.get("/log");
    if (answer.status !== 200) { byId("trouble").textContent = HolderView.fault(answer); return; }
    told = answer.body;
    draw();
  };

  const sure = (open) => { byId("clear-sure").hidden = !open; byId("clear-log").hidden = open || !told.shown.length; };

  return {
    async open(wallet) {
      online = wallet.online; fetched = null;
      byId("clear-sure").hidden = true;
      HolderView.go("log");
      await load();
    },
    forget() { told = null; fetched = null; byId("shown").replaceChildren(); byId("fetched").replaceChildren(); },
    speak: draw,
    start() {
      byId("clear-log").addEventListener("click", () => { sure(true); byId("clear-no").focus(); });
      byId("clear-no").addEventListener("click", () => sure(false));
      byId("clear-yes").addEventListener("click", async () => {
        const answer = await HolderAPI.send("DELETE", "/log");
        byId("clear-sure").hidden = true;
        if (answer.status !== 200) byId("trouble").textContent = HolderView.fault(answer);
        await load();
      });
      byId("who-fetched").addEventListener("click", async () => {
        const answer = await HolderAPI.send("POST", "/log/online");
        if (answer.status !== 200) { byId("trouble").textContent = HolderView.fault(answer); return; }
        fetched = answer.body.fetched;
        draw();
      });
    },
  };
})();
