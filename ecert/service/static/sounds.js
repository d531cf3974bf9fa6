"use strict";
/* Two short sounds, made here: one for accepted, one for anything else. */
const Sounds = (() => {
  let context = null, on = true;
  const tone = (frequency, from, length) => {
    const oscillator = context.createOscillator(), gain = context.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.15, context.currentTime + from);
    gain.gain.linearRampToValueAtTime(0, context.currentTime + from + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(context.currentTime + from);
    oscillator.stop(context.currentTime + from + length);
  };
  return {
    isOn: () => on,
    set(value) { on = value; },
    play(accepted) {
      if (!on) return;
      try {
        context = context || new AudioContext();
        if (accepted) { tone(880, 0, 0.12); tone(1320, 0.12, 0.16); } else { tone(220, 0, 0.35); }
      } catch (error) { /* A machine without sound still shows the answer. */ }
    },
  };
})();
