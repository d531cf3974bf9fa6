"use strict";
/* The number that this window shows to the holder (窗口数字): the next code must answer it.

   While it is shown none can be typed, and the other way round: a code is asked for one thing. */
const WindowNumber = (() => {
  const byId = (id) => document.getElementById(id);
  let given = null, until = 0, timer = 0, gone = () => {};

  const left = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));

  const drawLeft = () => {
    const place = byId("number-left");
    place.hidden = !given;
    place.textContent = given
      ? `${given.challenge}　${Words.say("numberLeft")}${Words.colon()}${left()} ${Words.say("seconds")}` : "";
    document.querySelectorAll(".number .rest").forEach((element) => { element.textContent = `${left()} ${Words.say("seconds")}`; });
    byId("give-number").setAttribute("aria-pressed", String(Boolean(given)));
    byId("challenge").disabled = Boolean(given);
  };

  const end = () => {
    window.clearInterval(timer);
    given = null;
    drawLeft();
  };

  return {
    isOpen: () => given !== null,
    /* What a code has to answer; empty if nothing is asked. */
    current: () => (given ? given.challenge : byId("challenge").value.trim()),
    end,
    /* Ask the service for one; `over` is told when its time has run out. */
    async give(over) {
      byId("challenge").value = "";
      const answer = await API.challenge();
      if (answer.status !== 200) return answer;
      window.clearInterval(timer);
      given = answer.body;
      until = performance.now() + given.left_seconds * 1000;
      gone = over;
      timer = window.setInterval(() => {
        if (left() > 0) { drawLeft(); return; }
        end();
        gone();
      }, 1000);
      drawLeft();
      return answer;
    },
    /* Fill ``box`` with the number, large, to be turned to the holder. */
    draw(box) {
      const make = VerdictView.make, words = make("div"), picture = make("img"), frame = make("div", undefined, "number");
      picture.src = `data:image/png;base64,${given.qr_png}`;
      picture.alt = "";
      words.append(make("p", given.challenge, "figures"), make("p", Words.say("numberFor")), make("p", `${left()} ${Words.say("seconds")}`, "large rest"));
      frame.append(words, picture);
      box.className = "result";
      box.replaceChildren(frame);
      drawLeft();
    },
    redraw: drawLeft,
    /* Whether this window has a number of its own, so that it can show one. */
    offer(has) { byId("give-number").hidden = !has; },
  };
})();
