"use strict";
/* The code on the screen: made anew before its life ends, and gone as soon as nobody looks. */
const HolderCode = (() => {
  const { byId } = HolderView;
  /* Seconds before the end of its life at which a code is made anew, and between tries. */
  const EARLY = 10, AGAIN = 3;
  /* Codes in a row before somebody must say that they are still showing; with a window's number
     fewer, for that lives two minutes. */
  const MOST = 10, MOST_FOR_NUMBER = 2;
  let wish = null, ended = () => {}, picture = "", timer = 0, ends = 0, life = 0, rounds = 0;
  let asking = false, retry = 0, online = null, turn = 0, wake = null;

  const now = () => performance.now() / 1000;

  const drop = () => {
    byId("code-picture").removeAttribute("src");
    if (picture) URL.revokeObjectURL(picture);
    picture = "";
    byId("code-digits").textContent = "";
  };

  const sleepAgain = () => {
    if (wake) wake.release().catch(() => {});
    wake = null;
  };

  const stayAwake = async () => {
    // Where the browser cannot, or the battery is low, the screen dims as it always does.
    try {
      if (!wake && navigator.wakeLock) wake = await navigator.wakeLock.request("screen");
      if (!timer) sleepAgain();
    } catch (error) { wake = null; }
  };

  const draw = (svg) => {
    drop();
    picture = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    byId("code-picture").src = picture;
    byId("code-picture").alt = Words.say("qrCode");
  };

  const stop = () => {
    window.clearInterval(timer);
    timer = 0; turn += 1; asking = false;
    drop();
    sleepAgain();
  };

  /* Take the code off the screen, and say why; what was typed is forgotten. */
  const pause = (key) => {
    stop();
    if (wish && wish.pin) wish = { ...wish, pin: null, asksPIN: true };
    byId("code-live").hidden = true;
    byId("code-paused").hidden = false;
    byId("code-why").textContent = Words.say(key);
    byId("go-on").hidden = key === "onlineOver";
    if (!online) byId("cancel-online").hidden = true;
  };

  const tick = () => {
    const left = Math.max(0, ends - now());
    byId("code-bar").style.transform = `scaleX(${life ? left / life : 0})`;
    if (online) {
      const minutes = Math.floor(left / 60), seconds = String(Math.floor(left % 60)).padStart(2, "0");
      byId("code-left").textContent = `${minutes}:${seconds} ${Words.say("endsIn")}`;
      if (left <= 0) { online = null; pause("onlineOver"); }
      return;
    }
    const next = Math.max(0, Math.ceil(left - EARLY));
    byId("code-left").textContent = `${next} ${Words.say("nextIn")}`;
    if (left <= 0) { pause("pausedOffline"); return; }
    if (left <= EARLY && !asking && now() >= retry) renew();
  };

  const begin = (seconds, asked) => {
    life = seconds; ends = asked + seconds;
    byId("code-live").hidden = false;
    byId("code-paused").hidden = true;
    if (!timer) timer = window.setInterval(tick, 250);
    tick();
    // It may have been left while the service was asked.
    if (document.hidden) pause("pausedHidden"); else stayAwake();
  };

  const renew = async () => {
    if (rounds >= (wish.body.challenge ? MOST_FOR_NUMBER : MOST)) {
      pause(wish.body.challenge ? "pausedChallenge" : "pausedLong");
      return;
    }
    asking = true;
    const mine = turn, asked = now();
    const answer = await HolderAPI.send("POST", "/show", { ...wish.body, pin: wish.pin });
    if (mine !== turn) return;  // it was taken off meanwhile
    asking = false;
    if (answer.status !== 200) {
      retry = now() + AGAIN;
      if (answer.status && answer.status !== 409 && answer.status < 500) { stop(); ended(answer); }
      return;
    }
    rounds += 1;
    draw(answer.body.svg);
    byId("code-said").textContent = Words.say("renewed");
    begin(answer.body.life_seconds, asked);
  };

  const drawOnline = () => {
    draw(online.svg);
    byId("code-digits").hidden = false;
    byId("code-digits").textContent = online.digits;
    byId("cancel-online").hidden = false;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && timer) pause("pausedHidden");
  });
  window.addEventListener("pagehide", () => { if (timer) pause("pausedHidden"); });

  return {
    /* Show what the service made, and make it anew until it is ended; `over` is told of a refusal.
       `asked` is when it was asked for, so that a slow network only shortens its life. */
    show(answer, wanted, asked, over) {
      stop();
      wish = wanted; ended = over; online = null; rounds = 1; retry = 0;
      byId("code-digits").hidden = true;
      byId("cancel-online").hidden = true;
      draw(answer.svg);
      begin(answer.life_seconds, asked);
    },
    /* Show an online code until its end. */
    showOnline(answer, asked) {
      stop();
      wish = null; online = answer;
      drawOnline();
      begin(Math.max(0, Math.round((new Date(answer.expires) - new Date(answer.made)) / 1000)), asked);
    },
    /* Show the online code again that was taken off when the page was left. */
    resumeOnline() {
      drawOnline();
      begin(life, ends - life);
    },
    /* The digits of the online code, for cancelling it; null if there is none. */
    online: () => online && online.digits,
    /* What to show again after a pause; null if it has to be chosen or typed anew. */
    again: () => (wish && !wish.asksPIN && !wish.body.challenge ? wish : null),
    /* Take everything off, and forget it. */
    end() { stop(); wish = null; online = null; },
    /* Say it again in the language that was chosen. */
    speak() { if (timer) tick(); },
    now,
  };
})();
