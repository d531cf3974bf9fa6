"use strict";
/* Takes what a handheld scanner types, wherever the focus is and whatever the input method does.

   A scanner types a key every 1 to 30 ms; a person does not.  A gap of over 400 ms begins anew:
   a busy machine may pause for less in the middle of a scan.
   The end is Enter, Tab, or 150 ms of silence; of a code that announces more digits than have
   come, a second of it, for machines that are busy.  What was typed into a field meanwhile is put
   back. */
const Scanner = (() => {
  const AFTER = 600, GAP = 400, SILENCE = 150, PATIENCE = 1000, BURST = 12, QUICK = 35, LEAST = 20;
  let keys = "", began = 0, last = 0, timer = 0, field = null, before = "", altKeys = 0;
  let restored = null, restoredAt = 0;
  let taken = () => {}, told = () => {};

  const isField = (element) =>
    element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

  /* The digit of a key whatever the input method, the layout or Caps Lock make of it. */
  const character = (event) => {
    if (/^[0-9]$/.test(event.key)) return event.key;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
    const shifted = event.shiftKey && event.code.startsWith("Digit") && event.key.length === 1;
    if (digit && !shifted) return digit[1];
    return event.key.length === 1 ? event.key : "";
  };

  /* Whether the code says of itself that more digits are to come (kind, then its whole length). */
  const isCutShort = () => {
    const head = /^\D{0,4}[1-3]([0-9]{4})/.exec(keys);
    return Boolean(head) && keys.replace(/\D/g, "").length < Number(head[1]);
  };

  const forget = () => { keys = ""; field = null; before = ""; window.clearTimeout(timer); };
  const isBurst = (now) => keys.length >= BURST && (now - began) / keys.length < QUICK;

  const putBack = () => {
    restored.target.value = restored.was;
    restored.target.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const finish = () => {
    const text = keys, target = field, was = before;
    forget();
    if (text.length < LEAST) return false;
    if (target) {
      restored = { target, was };
      restoredAt = performance.now();
      if (target.value !== was) putBack();
    }
    taken(text);
    return true;
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const now = event.timeStamp || performance.now();
    if (event.altKey) {
      if (/^Numpad[0-9]$/.test(event.code)) {
        altKeys = now - last > 1000 ? 1 : altKeys + 1;
        last = now;
        if (altKeys === LEAST) told("altNumpad");
      }
      return;
    }
    if (keys && now - last > (isBurst(last) && isCutShort() ? PATIENCE : GAP)) forget();
    if (event.key === "Enter" || event.key === "Tab") {
      if (keys.length >= LEAST && isBurst(now)) {
        event.preventDefault();
        event.stopPropagation();
        finish();
      } else { forget(); }
      return;
    }
    const one = character(event);
    if (!one) return;
    if (!keys) {
      began = now;
      field = isField(event.target) ? event.target : null;
      before = field ? field.value : "";
    }
    keys += one;
    last = now;
    if (isBurst(now)) {
      /* From here on nothing of it reaches a field or an input method. */
      event.preventDefault();
      event.stopPropagation();
    }
    window.clearTimeout(timer);
    timer = window.setTimeout(
      () => { if (isBurst(last)) finish(); }, isCutShort() ? PATIENCE : SILENCE);
  };

  return {
    start(onScan, onTrouble) {
      taken = onScan; told = onTrouble;
      document.addEventListener("keydown", onKey, true);
      /* Where the keyboard swallows keydown (Android), the text arrives in the field at once. */
      document.addEventListener("input", (event) => {
        const target = event.target;
        /* An input method may hand over what it had gathered only after the scan's end. */
        const late = event.isTrusted && restored && restored.target === target && performance.now() - restoredAt < AFTER;
        if (late && /[0-9\uff10-\uff19]{4}/.test(target.value) && target.value !== restored.was) { putBack(); return; }
        if (!isField(target) || target.type === "password" || keys) return;
        const digits = target.value.normalize("NFKC").replace(/\D/g, "");
        if (digits.length >= 200) { const text = target.value; target.value = ""; taken(text); }
      }, true);
    },
  };
})();
