"use strict";
/* Choosing how much to show, for what, and showing it. */
const HolderShow = (() => {
  const { byId, make, profileName, tells } = HolderView;
  let chosen = [], wallet = null, matter = "", searching = 0, asked = 0, busy = false;

  const ways = () => {
    const found = {};
    chosen.forEach((card, index) => {
      const input = byId("ways").querySelector(`input[name="way-${index}"]:checked`);
      if (input) found[card.id] = input.value;
    });
    return found;
  };

  const way = (card) => card.profiles.find((one) => one.name === ways()[card.id]) || card.profiles[0];

  const tellOnline = () => {
    const card = chosen.length === 1 ? chosen[0] : null;
    const fields = card && card.profiles.length ? way(card).online : null;
    byId("online-part").hidden = !(wallet.online && fields);
    if (fields) byId("online-tells").textContent = [Words.say("onlineTells"), ...fields.filter((one) => one !== "number")].join(Words.say("andMore"));
  };

  const drawWays = (wanted = {}) => {
    byId("ways").replaceChildren(...chosen.map((card, index) => {
      const box = make("fieldset");
      box.append(make("legend", card.type_name));
      if (card.state === "expired" || card.state === "not-yet") box.append(make("p", Words.say(card.state), "fault"));
      card.profiles.forEach((one, number) => {
        const label = make("label", undefined, "way"), input = make("input"), text = make("span");
        input.type = "radio";
        input.name = `way-${index}`;
        input.value = one.name;
        input.checked = wanted[card.id] ? wanted[card.id] === one.name : number === 0;
        text.append(make("strong", profileName(one.name)), tells(one));
        label.append(input, text);
        box.append(label);
      });
      return box;
    }));
    tellOnline();
  };

  /* -- the matter ------------------------------------------------------------------------- */

  const useMatter = async (name) => {
    byId("matter").value = name;
    byId("matters").replaceChildren();
    const body = { licences: chosen.map((one) => one.id), matter: name, region: byId("region").value };
    const answer = await HolderAPI.send("POST", "/suggest", body);
    if (answer.status !== 200) {
      matter = "";
      byId("matter-told").textContent = answer.status === 404 ? Words.say("matterUnknown") : HolderView.fault(answer);
      return;
    }
    const found = answer.body, wanted = {};
    matter = found.matter;
    found.shown.forEach((one) => { wanted[one.id] = one.profile; });
    drawWays({ ...ways(), ...wanted });
    const told = [];
    if (found.shown.length) told.push(`${Words.say("matterChosen")}${Words.colon()}${found.matter}`);
    found.obstacles.forEach((one) => {
      const card = chosen.find((each) => each.id === one.id);
      told.push(`△ ${card ? card.type_name : ""} ${Words.say("mayFail")}${Words.colon()}${Words.both(one)}`);
    });
    if (found.codes > 1) told.push(Words.say("oneByOne"));
    byId("matter-told").textContent = told.join(Words.isChinese() ? "。" : ". ");
  };

  const search = async () => {
    const text = byId("matter").value.trim(), mine = searching += 1;
    matter = "";
    const answer = await HolderAPI.get(`/matters?${new URLSearchParams({ q: text, region: byId("region").value })}`);
    if (mine !== searching || answer.status !== 200) return;
    byId("matters").replaceChildren(...answer.body.matters.slice(0, 8).map((name) => {
      const item = make("li"), button = make("button", name);
      button.type = "button";
      button.addEventListener("click", () => useMatter(name));
      item.append(button);
      return item;
    }));
  };

  /* -- showing ---------------------------------------------------------------------------- */

  const refused = (answer) => {
    HolderView.go("choose", false);
    const pin = answer.body && String(answer.body.error).startsWith("pin-");
    byId("show-pin").value = "";
    if (answer.body && answer.body.error === "FormatError") {
      byId("challenge-fault").textContent = Words.say("challengeBad");
      byId("challenge").focus();
    } else {
      byId("pin-fault").textContent = HolderView.fault(answer);
      if (pin) {
        byId("pin-part").hidden = false;
        wallet.pin.tries_left = answer.body.tries_left;
        byId("show-pin").focus();
      }
    }
  };

  const opened = () => {
    HolderView.go("code", false);
    byId("code-title").textContent = chosen.map((one) => one.type_name).join(Words.say("andMore"));
    byId("code-tells").replaceChildren(...chosen.filter((card) => card.profiles.length).map((card) => (
      make("span", chosen.length === 1 ? tells(way(card)) : `${card.type_name} · ${tells(way(card))}`))));
    byId("code-title").focus({ preventScroll: true });
  };

  const show = async (wish) => {
    if (busy) return;
    busy = true;
    byId("pin-fault").textContent = "";
    byId("challenge-fault").textContent = "";
    asked = HolderCode.now();
    const answer = await HolderAPI.send("POST", "/show", { ...wish.body, pin: wish.pin });
    busy = false;
    if (answer.status !== 200) { refused(answer); return; }
    byId("show-pin").value = "";
    opened();
    HolderCode.show(answer.body, wish, asked, refused);
  };

  const typedPIN = () => byId("show-pin").value.normalize("NFKC").trim() || null;

  const start = () => show({
    body: {
      licences: chosen.map((one) => one.id), profiles: ways(), challenge: byId("challenge").value.trim() || null,
      matter, to: byId("to").value.trim(),
    },
    pin: typedPIN(),
  });

  const startOnline = async () => {
    if (busy) return;
    busy = true;
    byId("pin-fault").textContent = "";
    asked = HolderCode.now();
    const answer = await HolderAPI.send("POST", "/online", { licence: chosen[0].id, profile: way(chosen[0]).name, pin: typedPIN() });
    busy = false;
    if (answer.status !== 200) { refused(answer); return; }
    byId("show-pin").value = "";
    opened();
    byId("code-tells").textContent = byId("online-tells").textContent;
    HolderCode.showOnline(answer.body, asked);
  };

  const end = () => {
    HolderCode.end();
    byId("cancel-online").hidden = true;
    byId("show-pin").value = "";
    byId("challenge").value = "";
  };

  return {
    /* Let the holder choose how much of `cards` to show. */
    choose(cards, told) {
      chosen = cards; wallet = told; matter = "";
      ["challenge", "show-pin", "matter", "to"].forEach((id) => { byId(id).value = ""; });
      ["pin-fault", "challenge-fault", "matter-told"].forEach((id) => { byId(id).textContent = ""; });
      byId("matters").replaceChildren();
      byId("matter-part").open = false;
      byId("note-part").open = false;
      byId("matter-part").hidden = wallet.regions.length === 0;
      byId("region").replaceChildren(...wallet.regions.map((one) => {
        const option = make("option", one.name);
        option.value = one.code;
        return option;
      }));
      byId("pin-part").hidden = !wallet.pin.set;
      if (wallet.pin.tries_left === 0) byId("pin-fault").textContent = Words.say("pinLocked");
      drawWays();
      HolderView.go("choose");
    },
    /* Draw anew in the language that was chosen. */
    speak() {
      if (!wallet || byId("choose").hidden) return;
      drawWays(ways());
    },
    end,
    start(done) {
      byId("choose-form").addEventListener("submit", (event) => { event.preventDefault(); start(); });
      byId("ways").addEventListener("change", tellOnline);
      byId("make-online").addEventListener("click", startOnline);
      byId("matter").addEventListener("input", search);
      byId("matter-part").addEventListener("toggle", () => { if (byId("matter-part").open) search(); });
      byId("region").addEventListener("change", () => { byId("matter").value = ""; byId("matter-told").textContent = ""; search(); });
      byId("back").addEventListener("click", done);
      byId("end").addEventListener("click", () => { end(); done(); });
      byId("go-on").addEventListener("click", () => {
        const wish = HolderCode.again();
        if (HolderCode.online()) HolderCode.resumeOnline();
        else if (wish) show(wish);
        else { HolderCode.end(); HolderView.go("choose", false); byId("challenge").value = ""; byId(byId("pin-part").hidden ? "challenge" : "show-pin").focus(); }
      });
      byId("cancel-online").addEventListener("click", async () => {
        const answer = await HolderAPI.send("POST", "/online/cancel", { code: HolderCode.online() });
        const done_ = answer.status === 200;
        end();
        await done();
        byId("trouble").textContent = done_ ? Words.say(answer.body.cancelled ? "cancelled" : "notCancelled") : HolderView.fault(answer);
      });
    },
  };
})();
