"use strict";
/* Talks to the service that this page came from, and to nobody else. */
const API = (() => {
  const own = { "X-Ecert-Page": "1" };
  const ask = async (path, how = {}) => {
    const answer = await fetch(path, {
      credentials: "same-origin", cache: "no-store", redirect: "error", ...how,
      headers: { ...own, ...(how.headers || {}) },
    });
    let body = null;
    try { body = await answer.json(); } catch (error) { body = null; }
    return { status: answer.status, body };
  };
  const json = (method, body, signal) => ({
    method, signal, body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  });
  return {
    /* Ask for a path of this service: its status, and its JSON or null. */
    ask,
    /* How to send JSON with `ask`. */
    json,
    who: () => ask("api/session"),
    signIn: (token) => ask("api/session", json("POST", { token })),
    signOut: () => ask("api/session", { method: "DELETE" }),
    window: () => ask("api/window"),
    matters: (text, signal) => ask(`api/matters?q=${encodeURIComponent(text)}`, { signal }),
    challenge: () => ask("api/challenge", { method: "POST" }),
    consentTypes: (matter) => ask(`api/consents/types?${new URLSearchParams({ matter })}`),
    consentBegin: (asked) => ask("api/consents", json("POST", asked)),
    consentAnswer: (asked) => ask("api/consents/answer", json("POST", asked)),
    object: (objection) => ask("api/objections", json("POST", objection)),
    verify: (code, given, signal) => ask("api/verify", json("POST", { code, ...given }, signal)),
    picture: (blob, given, signal) =>
      ask(`api/verify/picture?${new URLSearchParams(given)}`, {
        method: "POST", body: blob, signal, headers: { "Content-Type": "application/octet-stream" },
      }),
  };
})();
