"use strict";
/* The holder's page: in by a link, the licences, and the ways from there. */
(() => {
  const { byId, make } = HolderView;
  const LANGUAGE = "ecert.language", LARGE = "ecert.large", MOST = 8;
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch (error) { /* private mode */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch (error) { return null; } };
  let wallet = null, several = false, chosen = new Set();

  const drawList = () => {
    if (!wallet) return;
    const whose = Words.say(wallet.kind);
    byId("list-title").textContent = wallet.owner ? `${wallet.owner} · ${whose}` : whose;
    byId("none").hidden = wallet.cards.length > 0;
    byId("several").hidden = wallet.cards.length < 2;
    byId("several").setAttribute("aria-pressed", String(several));
    byId("chosen-bar").hidden = !several || chosen.size === 0;
    byId("show-chosen").textContent = `${Words.say("showChosen")} (${chosen.size})`;
    byId("cards").replaceChildren(...wallet.cards.map((card) => {
      const item = make("li"), button = HolderView.card(card, several ? chosen.has(card.id) : null);
      button.addEventListener("click", () => {
        if (!several) { HolderShow.choose([card], wallet); return; }
        if (chosen.has(card.id)) chosen.delete(card.id);
        else if (chosen.size < MOST) chosen.add(card.id);
        drawList();
        const again = byId("cards").children[wallet.cards.indexOf(card)];
        again.firstChild.focus({ preventScroll: true });
      });
      item.append(button);
      return item;
    }));
  };

  const outside = (why) => {
    HolderShow.end();
    HolderConsent.forget();
    HolderMandate.forget();
    HolderLog.forget();
    HolderPIN.forget();
    wallet = null; several = false; chosen = new Set();
    byId("cards").replaceChildren();
    byId("ways").replaceChildren();
    byId("list-title").textContent = "";
    HolderView.go("outside");
    byId("outside-why").dataset.word = why || "outsideHow";
    byId("outside-why").textContent = Words.say(why || "outsideHow");
  };

  const look = async () => {
    const answer = await HolderAPI.get("");
    if (answer.status === 200) { wallet = answer.body; return true; }
    if (answer.status !== 401) byId("trouble").textContent = HolderView.fault(answer);
    return false;
  };

  const list = async () => {
    const fresh = await look(), told = byId("trouble").textContent;
    if (!wallet) return;
    const held = new Set(wallet.cards.map((card) => card.id));
    chosen = new Set([...chosen].filter((id) => held.has(id)));
    drawList();
    HolderView.go("list");
    if (!fresh) byId("trouble").textContent = told;
  };

  const language = (name) => {
    Words.choose(name);
    remember(LANGUAGE, name);
    byId("language").textContent = name === "en" ? "中文" : "English";
    byId("language").lang = name === "en" ? "zh-CN" : "en";
    drawList();
    [HolderShow, HolderCode, HolderConsent, HolderMandate, HolderLog, HolderPIN].forEach((part) => part.speak());
  };

  const large = (on) => {
    document.documentElement.classList.toggle("large", on);
    byId("large").setAttribute("aria-pressed", String(on));
    remember(LARGE, on ? "on" : "off");
  };

  /* The link stands behind # and is good once; it is taken out of the address at once. */
  const enter = async () => {
    const link = window.location.hash.slice(1);
    if (!link) return true;
    window.history.replaceState(null, "", window.location.pathname);
    const answer = await HolderAPI.send("POST", "/session", { link });
    if (answer.status === 200) return true;
    // Whoever came with a link is not shown the wallet of whoever was here before.
    outside(answer.status === 401 ? "outsideUsed" : "");
    if (answer.status !== 401) byId("trouble").textContent = HolderView.fault(answer);
    return false;
  };

  const start = async () => {
    large(recall(LARGE) === "on");
    HolderAPI.onOutside(() => outside());
    HolderShow.start(list);
    HolderConsent.start((given) => HolderMandate.open(given));
    HolderMandate.start(async () => { if (await look()) HolderConsent.open(wallet); });
    HolderLog.start();
    HolderPIN.start(async () => { await look(); return wallet ? wallet.pin : null; });
    language(recall(LANGUAGE) === "en" ? "en" : "zh");

    byId("language").addEventListener("click", () => language(Words.isChinese() ? "en" : "zh"));
    byId("large").addEventListener("click", () => large(!document.documentElement.classList.contains("large")));
    byId("several").addEventListener("click", () => { several = !several; chosen = new Set(); drawList(); });
    byId("show-chosen").addEventListener("click", () => {
      HolderShow.choose(wallet.cards.filter((card) => chosen.has(card.id)), wallet);
    });
    document.querySelectorAll("[data-place]").forEach((button) => button.addEventListener("click", async () => {
      if (button.dataset.place === "list") { await list(); return; }
      if (!(await look())) return;
      ({ consent: HolderConsent, log: HolderLog, pin: HolderPIN })[button.dataset.place].open(wallet);
    }));
    byId("sign-out").addEventListener("click", async () => { await HolderAPI.send("DELETE", "/session"); outside(); });
    window.addEventListener("hashchange", async () => { if (await enter()) await list(); });
    if (await enter()) await list();
  };
  start();
})();
