"use strict";
/* The clerk's page: one screen, the newest scan in the place of the one before. */
(() => {
  const byId = (id) => document.getElementById(id);
  const LANGUAGE = "ecert.language", SOUND = "ecert.sound", SECONDS = "ecert.seconds";
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch (error) { /* private mode */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch (error) { return null; } };
  let asked = null, shown = null, clearing = 0, held = false, left = 0, windowTold = null;

  /* -- the result ------------------------------------------------------------------------- */

  const clear = () => {
    if (asked) asked.abort();
    asked = null; shown = null;
    window.clearInterval(clearing);
    const box = byId("result"), waiting = document.createElement("div");
    waiting.className = "waiting";
    const large = document.createElement("p");
    large.className = "large";
    large.textContent = Words.say("ready");
    const how = document.createElement("p");
    how.textContent = Words.say("readyHow");
    waiting.append(large, how);
    box.className = "result";
    box.replaceChildren(waiting);
    byId("announce").textContent = "";
    byId("alarm").textContent = "";
    byId("challenge").value = "";
  };

  const countDown = () => {
    window.clearInterval(clearing);
    const all = Number(byId("seconds").value), bar = document.createElement("div"), rest = document.createElement("span");
    bar.className = "left";
    bar.append(rest);
    byId("result").append(bar);
    left = all;
    clearing = window.setInterval(() => {
      if (held) return;
      left -= 1;
      rest.style.transform = `scaleX(${Math.max(0, left) / all})`;
      if (left <= 0) clear();
    }, 1000);
  };

  const show = () => {
    const box = byId("result");
    if (shown.verdict) VerdictView.draw(box, shown.verdict); else VerdictView.trouble(box, shown.trouble);
    countDown();
  };

  const tell = (answer) => {
    shown = answer;
    show();
    const accepted = Boolean(answer.verdict) && answer.verdict.outcome === "accepted";
    const text = answer.verdict ? Words.both(answer.verdict.headline) : Words.say(answer.trouble);
    byId("announce").textContent = accepted ? text : "";
    byId("alarm").textContent = accepted ? "" : text;
    Sounds.play(accepted);
    byId("result").focus({ preventScroll: true });
    byId("result").scrollIntoView({ block: "nearest" });
  };

  const TROUBLES = { 401: "notAuthorised", 403: "notAuthorised", 413: "tooLarge" };

  /* What the clerk has entered beside the code. */
  const given = () => {
    const entered = {};
    if (Matters.current()) entered.matter = Matters.current();
    if (byId("challenge").value.trim()) entered.challenge = byId("challenge").value.trim();
    return entered;
  };

  const check = async (ask) => {
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    byId("announce").textContent = Words.say("checking");
    try {
      const { status, body } = await ask(given(), mine.signal);
      if (asked !== mine) return null;
      if (status === 200 && body && body.outcome) { tell({ verdict: body }); return body; }
      if (status === 401) Session.out();
      tell({ trouble: TROUBLES[status] || "failed" });
    } catch (error) {
      if (asked === mine && error.name !== "AbortError") tell({ trouble: "offline" });
    }
    return null;
  };
  const verify = (code) => check((entered, signal) => API.verify(code, entered, signal));
  const verifyPicture = (blob) => check((entered, signal) => API.picture(blob, entered, signal));

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
    const end = () => { Camera.stop(video); byId("camera").hidden = true; byId("use-camera").textContent = Words.say("useCamera"); };
    if (Camera.isOn()) { end(); return; }
    byId("camera").hidden = false;
    byId("camera-told").textContent = Words.say("cameraOn");
    byId("use-camera").textContent = Words.say("stopCamera");
    try {
      await Camera.start(video, (code) => { end(); verify(code); }, async (blob) => {
        const answer = await API.picture(blob, given(), undefined);
        if (answer.status !== 200 || answer.body.reason === "unreadable") return false;
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

  const takeFiles = (files) => {
    const picture = Array.from(files).find((file) => file.type.startsWith("image/"));
    if (picture) verifyPicture(picture);
    return Boolean(picture);
  };

  const language = (name) => {
    Words.choose(name);
    remember(LANGUAGE, name);
    byId("language").textContent = name === "en" ? "中文" : "English";
    byId("language").lang = name === "en" ? "zh-CN" : "en";
    byId("favourites").setAttribute("aria-label", Words.say("favourites"));
    if (shown) show(); else clear();
    drawWindow();
    Matters.draw();
  };

  const start = async () => {
    Matters.start();
    Sounds.set(recall(SOUND) !== "off");
    byId("sound").setAttribute("aria-pressed", String(Sounds.isOn()));
    if (["30", "60", "120", "300"].includes(recall(SECONDS))) byId("seconds").value = recall(SECONDS);
    language(recall(LANGUAGE) === "en" ? "en" : "zh");

    Scanner.start((text) => { if (!byId("desk").hidden) verify(text); }, (key) => tell({ trouble: key }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "F2") { event.preventDefault(); camera(); }
      if (event.key === "Escape") { clear(); byId("result").focus({ preventScroll: true }); }
    });
    document.addEventListener("paste", (event) => {
      if (byId("desk").hidden) return;
      const text = event.clipboardData.getData("text");
      if (takeFiles(event.clipboardData.files)) { event.preventDefault(); return; }
      if (text.includes("~") || text.normalize("NFKC").replace(/\D/g, "").length >= 24) { event.preventDefault(); verify(text); }
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => { event.preventDefault(); if (!byId("desk").hidden) takeFiles(event.dataTransfer.files); });

    byId("use-camera").addEventListener("click", camera);
    byId("choose").addEventListener("click", () => byId("picture").click());
    byId("picture").addEventListener("change", () => { takeFiles(byId("picture").files); byId("picture").value = ""; });
    byId("clear").addEventListener("click", clear);
    byId("hold").addEventListener("click", () => { held = !held; byId("hold").setAttribute("aria-pressed", String(held)); });
    byId("sound").addEventListener("click", () => {
      Sounds.set(!Sounds.isOn());
      remember(SOUND, Sounds.isOn() ? "on" : "off");
      byId("sound").setAttribute("aria-pressed", String(Sounds.isOn()));
    });
    byId("seconds").addEventListener("change", () => { remember(SECONDS, byId("seconds").value); if (shown) show(); });
    byId("language").addEventListener("click", () => language(Words.isChinese() ? "en" : "zh"));
    await Session.start(signedIn, () => { clear(); byId("desk").hidden = true; });
    window.setInterval(() => { if (!byId("desk").hidden) lookAtWindow(); }, 15000);
  };
  start();
})();
