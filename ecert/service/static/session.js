"use strict";
/* Signing in and out with a token; every page has the same form, #sign-in. */
const Session = (() => {
  const byId = (id) => document.getElementById(id);
  let ended = () => {};

  const out = () => {
    ended();
    byId("sign-in").hidden = false;
    byId("token").focus();
  };

  return {
    /* The session is over: show the form, and let the page hide what it shows. */
    out,
    /* Look who is signed in; `began` is told each time somebody is, `over` when nobody is. */
    async start(began, over) {
      ended = over;
      const begin = (who) => { byId("sign-in").hidden = true; began(who); };
      byId("sign-out").addEventListener("click", async () => {
        try { await API.signOut(); } catch (error) { byId("sign-in-fault").textContent = Words.say("offline"); }
        out();
      });
      byId("sign-in").addEventListener("submit", async (event) => {
        event.preventDefault();
        const token = byId("token").value;
        byId("token").value = "";
        try {
          const { status, body } = await API.signIn(token);
          byId("sign-in-fault").textContent = status === 200 ? "" : Words.say(status === 401 ? "notAuthorised" : "failed");
          if (status === 200) begin(body);
        } catch (error) { byId("sign-in-fault").textContent = Words.say("offline"); }
      });
      try {
        const { status, body } = await API.who();
        if (status === 200) begin(body); else out();
      } catch (error) { out(); byId("sign-in-fault").textContent = Words.say("offline"); }
    },
  };
})();
