"use strict";
/* The auditor's page: find receipts, look at one, replay it, check chains, export. */
(() => {
  const { byId, make, table, options, moment, ask, query, mark, OUTCOMES } = Office;
  const say = Words.say;
  let windows = null, rows = [], next = null, asked = null, said = null, done = null, report = null, copy = null, checking = null;

  /* -- finding ---------------------------------------------------------------------------- */

  const drawWindows = () => {
    const outcome = byId("outcome").value;
    options(byId("outcome"), [["", say("anyOutcome")], ...OUTCOMES.map((one) => [one, say(one)])], outcome);
    const names = windows ? windows.heads.map((one) => [one.window, `${one.window}（${one.number}）`]) : [];
    ["of-window", "chain-window"].forEach((id) => options(byId(id), [["", say("anyWindow")], ...names], byId(id).value));
    drawChainLink();
    if (windows) byId("window").textContent = windows.own;
  };
  const drawChainLink = () => {
    const name = byId("chain-window").value;
    byId("export-chain").hidden = !name;
    byId("export-chain").href = `api/receipts/chain?${query({ window: name })}`;
  };

  const drawRows = () => {
    if (asked === null) return;
    byId("found").textContent = rows.length
      ? `${rows.length} ${say("shownSoFar")}${next ? ` · ${say("andMore")}` : ""}` : say("foundNone");
    byId("more").hidden = !next;
    const open = (one) => {
      const button = make("button", say("open"));
      button.type = "button";
      button.setAttribute("aria-label", `${say("open")} ${one.window} ${one.number}`);
      button.addEventListener("click", () => look(one.window, one.number));
      return button;
    };
    byId("rows").replaceChildren(...(rows.length ? [table(say("receipt"),
      [say("window"), say("number"), say("at"), say("outcome"), say("reasons"), say("matter"), say("case"), say("clerk"), say("open")],
      rows.map((one) => [one.window, one.number, moment(one.at), mark(one.outcome),
        one.damaged ? make("span", say("damaged"), "mark bad") : ReceiptView.reason(one.reason),
        one.matter || "", one.case || "", one.clerk || "", open(one)]), ["", "n", "when"])] : []));
  };

  const find = async (more) => {
    if (!more) {
      asked = {
        case: byId("case").value.trim(), licence: byId("licence").value.trim(), since: byId("since").value,
        until: byId("until").value, outcome: byId("outcome").value, window: byId("of-window").value,
      };
    }
    const mine = asked;
    const after = more && next ? { after_window: next.window, after_number: next.number } : {};
    const told = await ask(`api/receipts?${query({ ...mine, ...after })}`);
    if (!told || mine !== asked) return;
    rows = more ? rows.concat(told.receipts) : told.receipts;
    next = told.next;
    drawRows();
  };

  /* -- one receipt ------------------------------------------------------------------------ */

  const drawOne = () => {
    byId("one").hidden = !said;
    if (!said) return;
    byId("one-head").textContent = `${say("receipt")} ${said.window} · ${said.number}`;
    byId("one-told").replaceChildren(...ReceiptView.one(said));
    byId("export").href = `api/receipts/export?${query({ window: said.window, number: said.number })}`;
    byId("replay").hidden = !said.can_replay;
    byId("replayed").replaceChildren(...(said.can_replay ? (done ? ReceiptView.replay(done) : []) : [make("p", say("noReplay"))]));
  };
  const look = async (window_, number) => {
    const told = await ask(`api/receipts/one?${query({ window: window_, number })}`);
    if (!told) return;
    said = told; done = null; copy = null;
    byId("shown").value = "";
    drawOne();
    byId("one").focus({ preventScroll: true });
    byId("one").scrollIntoView({ block: "start" });
  };
  const isCopy = (text) => {
    // Whoever reads the header proves nothing: the service looks for itself.
    try { return JSON.parse(atob(text.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))).typ === "ecert-case-copy+jwt"; } catch (error) { return false; }
  };
  const replay = async () => {
    const text = byId("shown").value.trim();
    if (!text && !copy) { byId("shown").focus(); return; }
    const given = text || copy;
    const body = { window: said.window, number: said.number, [isCopy(given) ? "copy_text" : "shown"]: given };
    const told = await ask("api/receipts/replay", API.json("POST", body));
    if (!told) { byId("banner").scrollIntoView({ block: "nearest" }); return; }
    // What was shown is somebody's: it does not stay on the screen.
    byId("shown").value = ""; copy = null;
    done = told;
    drawOne();
  };

  /* -- chains ----------------------------------------------------------------------------- */

  const drawReport = () => { byId("report").replaceChildren(...(report ? ReceiptView.report(report) : [])); };
  const tellLine = (line) => {
    const told = JSON.parse(line);
    if (told.checked) byId("progress").textContent = `${say("checked")} ${told.checked}`;
    if (told.error) byId("progress").textContent = Words.both(told.error);
    if (told.report) { report = told.report; byId("progress").textContent = ""; drawReport(); }
    return Boolean(told.report || told.error);
  };
  const read = async (answer) => {
    const reader = answer.body.getReader(), decoder = new TextDecoder();
    let rest = "", ended = false;
    for (;;) {
      const { done: over, value } = await reader.read();
      if (over) return ended;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop();
      lines.forEach((line) => { ended = tellLine(line) || ended; });
    }
  };
  const check = async () => {
    const noted = byId("noted").value.trim().toLowerCase();
    if (noted && !/^[0-9a-f]{64}$/.test(noted)) { byId("progress").textContent = say("notHash"); byId("noted").focus(); return; }
    const body = { noted: noted ? [noted] : [] };
    if (byId("chain-window").value) body.window = byId("chain-window").value;
    report = null;
    drawReport();
    checking = new AbortController();
    byId("check-now").disabled = true;
    byId("check-stop").hidden = false;
    byId("progress").textContent = `${say("checked")} 0`;
    let ended = false;
    try {
      const how = API.json("POST", body, checking.signal);
      const answer = await fetch("api/receipts/check", {
        ...how, credentials: "same-origin", cache: "no-store", redirect: "error", headers: { ...how.headers, "X-Ecert-Page": "1" },
      });
      if (answer.status === 401) Session.out();
      else if (answer.status === 200) ended = await read(answer);
    } catch (error) { ended = false; }
    if (!ended) byId("progress").textContent = say("brokenOff");
    byId("check-now").disabled = false;
    byId("check-stop").hidden = true;
  };

  /* -- everything together ---------------------------------------------------------------- */

  const draw = () => { drawWindows(); drawRows(); drawOne(); drawReport(); };
  const load = async () => { windows = await ask("api/receipts/windows"); drawWindows(); if (windows) find(false); };
  byId("ask").addEventListener("submit", (event) => { event.preventDefault(); find(false); });
  byId("more").addEventListener("click", () => find(true));
  byId("replay").addEventListener("submit", (event) => { event.preventDefault(); replay(); });
  byId("choose").addEventListener("click", () => byId("copy").click());
  byId("copy").addEventListener("change", async () => {
    const file = byId("copy").files[0];
    if (file) { copy = (await file.text()).trim(); byId("shown").value = ""; byId("replayed").textContent = `${say("isCopy")}${Words.colon()}${file.name}`; }
    byId("copy").value = "";
  });
  byId("check").addEventListener("submit", (event) => { event.preventDefault(); check(); });
  byId("check-stop").addEventListener("click", () => { if (checking) checking.abort(); });
  byId("chain-window").addEventListener("change", drawChainLink);
  Office.start(draw, load);
})();
