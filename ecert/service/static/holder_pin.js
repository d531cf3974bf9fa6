"use strict";
/* The show PIN: set, changed, done without. */
const HolderPIN = (() => {
  const { byId } = HolderView;
  const SIX = /^[0-9]{6}$/;
  let pin = null, look = async () => {};

  const typed = (id) => byId(id).value.normalize("NFKC").trim();
  const clear = () => { ["pin-current", "pin-new", "pin-again"].forEach((id) => { byId(id).value = ""; }); };

  const draw = () => {
    if (!pin) return;
    const locked = pin.tries_left === 0;
    byId("pin-state").textContent = Words.say(locked ? "pinLocked" : pin.set ? "pinIsSet" : "pinNotSet");
    byId("pin-form").hidden = locked;
    byId("pin-current-part").hidden = !pin.set;
    byId("pin-remove").hidden = !pin.set;
  };

  const after = async (answer, word) => {
    clear();
    byId("pin-done").textContent = answer.status === 200 ? Words.say(word) : "";
    byId("pin-form-fault").textContent = answer.status === 200 ? "" : HolderView.fault(answer);
    pin = await look();
    draw();
  };

  return {
    open(wallet) {
      pin = wallet.pin;
      clear();
      ["pin-done", "pin-form-fault"].forEach((id) => { byId(id).textContent = ""; });
      HolderView.go("pin");
      draw();
    },
    forget: clear,
    speak: draw,
    /* `again` looks how the PIN stands now. */
    start(again) {
      look = again;
      byId("pin-form").addEventListener("submit", async (event) => {
        event.preventDefault();
        byId("pin-done").textContent = "";
        const fault = !SIX.test(typed("pin-new")) ? "pinSixDigits" : typed("pin-new") !== typed("pin-again") ? "pinDiffer" : "";
        byId("pin-form-fault").textContent = fault ? Words.say(fault) : "";
        if (fault) return;
        const body = { new: typed("pin-new"), current: pin.set ? typed("pin-current") || null : null };
        await after(await HolderAPI.send("PUT", "/pin", body), "pinWasSet");
      });
      byId("pin-remove").addEventListener("click", async () => {
        byId("pin-form-fault").textContent = SIX.test(typed("pin-current")) ? "" : Words.say("pinNeeded");
        if (!SIX.test(typed("pin-current"))) { byId("pin-current").focus(); return; }
        await after(await HolderAPI.send("DELETE", "/pin", { current: typed("pin-current") }), "pinWasRemoved");
      });
    },
  };
})();
