"use strict";
/* The clerk's page: one screen, the newest scan in the place of the one before. */
(() => {
  const byId = (id) => document.getElementById(id);
  const LONGEST = 262144;
  const LANGUAGE = "ecert.language", SOUND = "ecert.sound", SECONDS = "ecert.seconds";
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch (error) { /* private mode */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch (error) { return null; } };
  let asked = null, shown = null, clearing = 0, held = false, left = 0, windowTold = null, turn = 0;

  /* -- the result ------------------------------------------------------------------------- */

  const drawWaiting = () => {
    const box = byId("result");
    if (WindowNumber.isOpen()) { WindowNumber.draw(box); return; }
    const make = VerdictView.make, waiting = make("div", undefined, "waiting");
    waiting.append(make("p", Words.say("ready"), "large"), make("p", Words.say("readyHow")));
    box.className = "result";
    box.replaceChildren(waiting);
  };

  /* Nothing of the last person stays: neither the answer nor what was entered for it. */
  const clear = () => {
    if (asked) asked.abort();
    asked = null; shown = null; turn += 1;
    window.clearInterval(clearing);
    ObjectionForm.close();
    Consent.close();
    byId("announce").textContent = "";
    byId("alarm").textContent = "";
    byId("challenge").value = "";
    byId("case").value = "";
    drawWaiting();
  };

  const clearAll = () => { WindowNumber.end(); clear(); };

  const countDown = () => {
    window.clearInterval(clearing);
    const all = Number(byId("seconds").value), bar = document.createElement("div"), rest = document.createElement("span");
    bar.className = "left";
    bar.append(rest);
    byId("result").append(bar);
    left = all;
    clearing = window.setInterval(() => {
      /* Whoever is writing an objection is not interrupted. */
      if (held || (ObjectionForm.isOpen() && byId("objection").contains(document.activeElement))) return;
      left -= 1;
      rest.style.transform = `scaleX(${Math.max(0, left) / all})`;
      if (left <= 0) clear();
    }, 1000);
  };

  const object = (licence, named) => ObjectionForm.open(licence, named, () => { byId("result").focus({ preventScroll: true }); });

  /* What is wrong, and what to do about it. */
  const withFix = (told) => {
    const fix = Words.isChinese() ? told.fix_zh : told.fix_en;
    return Words.both(told) + (fix ? (Words.isChinese() ? `。${fix}` : `. ${fix}`) : "");
  };

  const show = () => {
    const box = byId("result");
    if (shown.verdict) VerdictView.draw(box, shown.verdict, object);
    else VerdictView.trouble(box, shown.told ? withFix(shown.told) : Words.say(shown.trouble));
    countDown();
  };

  const tell = (answer) => {
    shown = answer; turn += 1;
    ObjectionForm.close();
    Consent.close();
    const accepted = Boolean(answer.verdict) && answer.verdict.outcome === "accepted";
    if (accepted) { WindowNumber.end(); byId("challenge").value = ""; }
    show();
    const text = answer.verdict ? Words.both(answer.verdict.headline) : Words.say(answer.trouble);
    byId("announce").textContent = accepted ? text : "";
    byId("alarm").textContent = accepted ? "" : text;
    Sounds.play(accepted);
    byId("result").focus({ preventScroll: true });
    byId("result").firstElementChild.scrollIntoView({ block: "nearest" });
  };

  const TROUBLES = { 401: "notAuthorised", 403: "notAuthorised", 413: "tooLarge" };

  /* What the clerk has entered beside the code. */
  const given = () => {
    const entered = { screen: true };
    if (Matters.current()) entered.matter = Matters.current();
    if (byId("case").value.trim()) { entered.case = byId("case").value.trim(); entered.copy_for_case = true; }
    if (WindowNumber.current()) entered.challenge = WindowNumber.current();
    return entered;
  };

  const check = async (ask) => {
    if (asked) asked.abort();
    Consent.close();
    const mine = new AbortController();
    asked = mine; turn += 1;
    byId("announce").textContent = Words.say("checking");
    try {
      const { status, body } = await ask(given(), mine.signal);
      if (asked !== mine) return null;
      if (status === 200 && body && body.outcome) { tell({ verdict: body }); return body; }
      if (status === 401) Session.out();
      /* What was asked for the wrong way says so itself. */
      tell({ trouble: TROUBLES[status] || "failed", told: status === 400 && body && body.zh ? body : null });
    } catch (error) {
      if (asked === mine && error.name !== "AbortError") tell({ trouble: "offline" });
    }
    return null;
  };
  const verify = (code) => check((entered, signal) => API.verify(code, entered, signal));
  /* A code for a holder's consent, where one is asked for; otherwise it is checked. */
  const taken = (text) => { if (!Consent.take(text)) verify(text); };
  const verifyPicture = (blob) => { if (!Consent.takePicture()) check((entered, signal) => API.picture(blob, entered, signal)); };

  /* -- the window ------------------------------------------------------------------------- */

  const age = (seconds) => {
    if (seconds < 3600) return `${Math.max(0, Math.floor(seconds / 60))} ${Words.say("minutes")}`;
    if (seconds < 172800) return `${Math.floor(seconds / 3600)} ${Words.say("hours")}`;
    return `${Math.floor(seconds / 86400)} ${Words.say("days")}`;
  };

  const drawWindow = () => {
    if (!windowTold) return;
    const told = windowTold, banner = byId("banner");
    byId("window").textContent = Words.isChinese() ? `${told.window.name}（${told.window.region_name}）` : `${told.window.name} (${told.window.region_name})`;
    const oldest = (kind) => {
      const ages = told.lists.filter((one) => one.kind === kind).map((one) => one.age_seconds);
      return ages.length ? Math.max(...ages) : null;
    };
    WindowNumber.offer(told.window.number !== null);
    Consent.offer(told.window.asks === true);
    byId("lists").textContent = [["statusList", "status-list"], ["recognitionList", "recognition-list"]]
      .filter(([, kind]) => oldest(kind) !== null)
      .map(([word, kind]) => `${Words.say(word)} ${age(oldest(kind))}`).join(" · ");
    const key = told.lists.length ? told.state : "nothing";
    banner.hidden = key === "fresh";
    banner.className = `banner${key === "expired" || key === "nothing" ? " stop" : ""}`;
    banner.textContent = key === "fresh" ? "" : Words.say(key);
  };

  const lookAtWindow = async () => {
    try {
      const { status, body } = await API.window();
      if (status === 200) { windowTold = body; drawWindow(); } else if (status === 401) Session.out();
    } catch (error) {
      byId("banner").hidden = false;
      byId("banner").className = "banner stop";
      byId("banner").textContent = Words.say("offline");
    }
  };

  /* -- signing in ------------------------------------------------------------------------- */

  const signedIn = () => {
    byId("desk").hidden = false;
    byId("result").focus({ preventScroll: true });
    lookAtWindow();
  };
  /* -- everything together ---------------------------------------------------------------- */

  const camera = async () => {
    const video = byId("video");
    const end = () => { turn += 1; Camera.stop(video); byId("camera").hidden = true; byId("use-camera").textContent = Words.say("useCamera"); };
    if (Camera.isOn()) { end(); return; }
    byId("camera").hidden = false;
    byId("camera-told").textContent = Words.say("cameraOn");
    byId("use-camera").textContent = Words.say("stopCamera");
    try {
      await Camera.start(video, (code) => { end(); taken(code); }, async (blob) => {
        /* What a holder is asked by is no scan: checked, the code would be used up. */
        if (Consent.isOpen()) return false;
        turn += 1;
        const mine = turn, answer = await API.picture(blob, { ...given(), frame: true }, undefined);
        /* Something newer has come meanwhile. */
        if (mine !== turn || answer.status !== 200 || answer.body.reason === "unreadable") return false;
        end();
        tell({ verdict: answer.body });
        return true;
      });
    } catch (error) {
      Camera.stop(video);
      byId("use-camera").textContent = Words.say("useCamera");
      byId("camera-told").textContent = Words.say(error.message === "cameraAbsent" ? "cameraAbsent" : "cameraRefused");
    }
  };

  const giveNumber = async () => {
    if (WindowNumber.isOpen()) { WindowNumber.end(); if (!shown) drawWaiting(); return; }
    Consent.close();
    try {
      const answer = await WindowNumber.give(() => { if (!shown) tell({ trouble: "numberOver" }); });
      if (answer.status === 200) { shown = null; turn += 1; window.clearInterval(clearing); ObjectionForm.close(); drawWaiting(); return; }
      if (answer.status === 401) Session.out();
      tell({ trouble: TROUBLES[answer.status] || "failed", told: answer.status === 400 ? answer.body : null });
    } catch (error) { tell({ trouble: "offline" }); }
  };

  /* A picture, or the text of a licence file (电子证照文件); its name counts for nothing. */
  const takeFiles = (files) => {
    const [file] = Array.from(files);
    if (!file) return false;
    if (file.type.startsWith("image/") || file.size > LONGEST) verifyPicture(file);
    else file.text().then((text) => (text.includes("~") ? verify(text.trim()) : verifyPicture(file)));
    return true;
  };

  const language = (name) => {
    Words.choose(name);
    remember(LANGUAGE, name);
    byId("language").textContent = name === "en" ? "中文" : "English";
    byId("language").lang = name === "en" ? "zh-CN" : "en";
    byId("favourites").setAttribute("aria-label", Words.say("favourites"));
    if (ObjectionForm.isOpen()) ObjectionForm.close();
    if (shown) show(); else drawWaiting();
    Consent.speak();
    WindowNumber.redraw();
    drawWindow();
    Matters.draw();
  };

  const start = async () => {
    Matters.start(Consent.listen);
    Consent.start({
      begun: () => { WindowNumber.end(); ObjectionForm.close(); shown = null; turn += 1; if (asked) asked.abort(); asked = null; window.clearInterval(clearing); drawWaiting(); },
      over: () => { byId("announce").textContent = ""; drawWaiting(); byId("result").focus({ preventScroll: true }); },
      told: (answer) => tell(answer), words: withFix,
    });
    Sounds.set(recall(SOUND) !== "off");
    byId("sound").setAttribute("aria-pressed", String(Sounds.isOn()));
    if (["30", "60", "120", "300"].includes(recall(SECONDS))) byId("seconds").value = recall(SECONDS);
    language(recall(LANGUAGE) === "en" ? "en" : "zh");

    Scanner.start((text) => { if (!byId("desk").hidden) taken(text); }, (key) => tell({ trouble: key }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "F2") { event.preventDefault(); camera(); }
      if (event.key === "Escape") { clearAll(); byId("result").focus({ preventScroll: true }); }
    });
    document.addEventListener("paste", (event) => {
      if (byId("desk").hidden) return;
      const text = event.clipboardData.getData("text");
      if (takeFiles(event.clipboardData.files)) { event.preventDefault(); return; }
      if (text.includes("~") || text.normalize("NFKC").replace(/\D/g, "").length >= 24) { event.preventDefault(); taken(text); }
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => { event.preventDefault(); if (!byId("desk").hidden) takeFiles(event.dataTransfer.files); });

    byId("use-camera").addEventListener("click", camera);
    byId("choose").addEventListener("click", () => byId("picture").click());
    byId("picture").addEventListener("change", () => { takeFiles(byId("picture").files); byId("picture").value = ""; });
    byId("clear").addEventListener("click", clearAll);
    byId("give-number").addEventListener("click", giveNumber);
    byId("hold").addEventListener("click", () => { held = !held; byId("hold").setAttribute("aria-pressed", String(held)); });
    byId("sound").addEventListener("click", () => {
      Sounds.set(!Sounds.isOn());
      remember(SOUND, Sounds.isOn() ? "on" : "off");
      byId("sound").setAttribute("aria-pressed", String(Sounds.isOn()));
    });
    byId("seconds").addEventListener("change", () => { remember(SECONDS, byId("seconds").value); if (shown) show(); });
    byId("language").addEventListener("click", () => language(Words.isChinese() ? "en" : "zh"));
    await Session.start(signedIn, () => { clearAll(); byId("desk").hidden = true; });
    window.setInterval(() => { if (!byId("desk").hidden) lookAtWindow(); }, 15000);
  };
  start();
})();
