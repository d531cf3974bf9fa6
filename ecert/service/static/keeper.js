"use strict";
/* The list keeper's page: check a table, propose the list, accept another's, sign, bring in force. */
(() => {
  const byId = (id) => document.getElementById(id);
  const { make, button, sureButton } = Parts;
  const LANGUAGE = "ecert.language", MOST = 16 * 1024 * 1024, KINDS = [".xlsx", ".xls", ".ods", ".csv"];
  const DETAILS = { list_id: "list_id", title: "list_title", document_number: "document_number", owner: "owner", parties: "parties", expires: "expires" };
  let told = null, file = null, check = null, busy = false;

  /* -- saying ------------------------------------------------------------------------------ */

  const say = (text, isBad) => {
    byId("told").textContent = text;
    byId("told").className = isBad ? "told bad" : "told";
    if (text) { byId("told").focus({ preventScroll: true }); byId("told").scrollIntoView({ block: "nearest" }); }
  };

  const trouble = ({ status, body }) => {
    if (status === 401) { Session.out(); return Words.say("notAuthorised"); }
    if (status === 403) return Words.say("forbidden");
    if (status === 413) return Words.say("tooLarge");
    return body && body.zh ? Parts.error(body) : Words.say("failed");
  };

  /* Do one thing at a time; whatever goes wrong is told in words. */
  const doing = async (act, where) => {
    if (busy) return;
    busy = true;
    document.body.setAttribute("aria-busy", "true");
    try { await act(); } catch (error) { where(Words.say("offline"), true); }
    busy = false;
    document.body.removeAttribute("aria-busy");
  };

  /* -- a table ----------------------------------------------------------------------------- */

  const entered = () => {
    const given = { file: file.name.slice(-200), follow: byId("follow").checked };
    Object.keys(DETAILS).forEach((key) => { const value = byId(DETAILS[key]).value.trim(); if (value) given[key] = value; });
    return given;
  };
  const asChecked = () => ({ ...check.given, at: check.at, digest: check.digest, base: check.base });
  const post = (given, data) => [new URLSearchParams(given).toString(), { method: "POST", body: data, headers: { "Content-Type": "application/octet-stream" } }];
  const fault = (text) => { byId("check").hidden = false; byId("check-fault").textContent = text; };

  const drawCheck = (isNew) => {
    ["check-buttons", "names", "whole", "table", "change", "propose"].forEach((id) => byId(id).replaceChildren());
    if (!check) return;
    const errors = check.findings.filter((one) => one.severity === "error").length + check.more, warnings = check.findings.length + check.more - errors;
    const counts = `${errors} ${Words.say("errors")} · ${warnings} ${Words.say("warnings")} · ${check.rows} ${Words.say("rows")}`;
    byId("check-head").textContent = `${Words.say(check.clean ? "clean" : "faulty")}${Words.colon()}${file.name}（${counts}）`;
    if (check.blocked) fault(Parts.error(check.blocked));
    const save = (what) => () => doing(async () => {
      const [query, how] = post(asChecked(), file);
      const wrong = await Parts.download(`api/lists/file/${what}?${query}`, how);
      if (wrong) fault(trouble(wrong));
    }, fault);
    const buttons = byId("check-buttons");
    buttons.append(button(Words.say("again"), () => look(false)));
    if (errors) buttons.append(button(Words.say("annotated"), save("annotated")));
    if (check.change) buttons.append(button(Words.say("corrected"), save("corrected")), button(Words.say("approval"), save("approval")), button(Words.say("approvalPDF"), save("approval-pdf")));
    TableView.draw(check, told ? told.types : [], pick, isNew);
    if (check.change) ChangeView.draw(byId("change"), check.change);
    if (check.clean) byId("propose").append(sureButton(Words.say("propose"), propose, "main"));
  };

  const look = (isNew) => doing(async () => {
    byId("check").hidden = false;
    byId("check-fault").textContent = "";
    byId("check-head").textContent = Words.say("checking");
    check = null;
    drawCheck(isNew);
    const given = entered(), [query, how] = post(given, file), { status, body } = await API.ask(`api/lists/check?${query}`, how);
    byId("check-head").textContent = file.name;
    if (status !== 200) { fault(trouble({ status, body })); return; }
    check = { ...body, given };
    drawCheck(isNew);
    byId("check-head").focus({ preventScroll: true });
    byId("check-head").scrollIntoView({ block: "start" });
  }, fault);

  const take = (files) => {
    if (!files.length) return;
    file = files[0];
    byId("check-head").textContent = file.name;
    check = null;
    drawCheck(true);
    const dot = file.name.lastIndexOf("."), kind = dot < 0 ? "" : file.name.slice(dot).toLowerCase();
    if (files.length > 1) fault(Words.say("oneFile"));
    else if (!KINDS.includes(kind)) fault(Words.say("notTable"));
    else if (file.size > MOST) fault(Words.say("tooLarge"));
    else look(true);
  };

  const pick = async (name, type) => {
    let done = false;
    await doing(async () => {
      const answer = await API.ask("api/lists/choices", API.json("POST", { name, type: type.code }));
      if (answer.status !== 200) { fault(trouble(answer)); return; }
      done = true;
    }, fault);
    if (!done) return;
    await look(false);
    say(`${Words.say("chosen")}${name} = ${type.name}`);
  };

  const propose = () => doing(async () => {
    const [query, how] = post(asChecked(), file), answer = await API.ask(`api/lists/proposals?${query}`, how);
    if (answer.status === 200) {
      file = null; check = null;
      drawCheck(true);
      byId("check").hidden = true;
      await refresh();
      say(Words.say("proposed"));
      return;
    }
    const text = trouble(answer);
    if (answer.body && answer.body.outdated) { busy = false; await refresh(); await look(false); }
    fault(text);
  }, fault);

  /* -- what waits -------------------------------------------------------------------------- */

  const openWhole = async (id) => {
    const { status, body } = await API.ask(`api/lists/proposals/${id}`);
    if (status === 200) WaitingView.open(id, body);
    return status === 200 ? null : { status, body };
  };

  const act = (path, how, done) => doing(async () => {
    const answer = await API.ask(path, how);
    const opened = WaitingView.opened();
    if (opened) await openWhole(opened);
    await refresh();
    if (answer.status === 200) say(done(answer.body)); else say(trouble(answer), true);
  }, say);

  const outcome = (body) => Words.say(body.state === "in-force" ? "enforced" : "accepted");
  const acts = {
    save: (path) => doing(async () => { const wrong = await Parts.download(path); if (wrong) say(trouble(wrong), true); }, say),
    look: (one, isOpen) => doing(async () => {
      WaitingView.open("", null);
      const wrong = isOpen ? await openWhole(one.id) : null;
      await refresh();
      if (wrong) say(trouble(wrong), true);
    }, say),
    accept: (one, seen) => act(`api/lists/proposals/${one.id}/accept`, API.json("POST", { digest: seen.digest, base: seen.in_force }), outcome),
    sign: (one) => act(`api/lists/proposals/${one.id}/sign`, { method: "POST" }, outcome),
    giveSigned: (one, given) => {
      if (given.size > MOST) { say(Words.say("tooLarge"), true); return; }
      act(`api/lists/proposals/${one.id}/signed`, { method: "POST", body: given, headers: { "Content-Type": "application/octet-stream" } },
        (body) => Words.say(body.state === "in-force" ? "enforced" : "signedKept"));
    },
    end: (one) => act(`api/lists/proposals/${one.id}/end`, { method: "POST" }, () => Words.say("ended")),
  };

  const drawTold = () => {
    if (!told) return;
    byId("office").textContent = told.office.name;
    byId("me").textContent = told.me;
    byId("banner").hidden = !told.office.demo;
    byId("banner").textContent = told.office.demo ? Words.say("demo") : "";
    WaitingView.draw(told, acts);
  };

  const refresh = async () => {
    const answer = await API.ask("api/lists");
    if (answer.status === 200) {
      // Most tables are the next version of a list.
      if (!told) byId("follow").checked = answer.body.lists.length > 0;
      told = answer.body;
      drawTold();
    } else say(trouble(answer), true);
  };

  /* -- everything together ----------------------------------------------------------------- */

  const language = (name) => {
    Words.choose(name);
    try { localStorage.setItem(LANGUAGE, name); } catch (error) { /* private mode */ }
    byId("language").textContent = name === "en" ? "中文" : "English";
    byId("language").lang = name === "en" ? "zh-CN" : "en";
    say("");
    drawTold();
    if (check) drawCheck(false);
  };

  const start = () => {
    let recalled = null;
    try { recalled = localStorage.getItem(LANGUAGE); } catch (error) { recalled = null; }
    language(recalled === "en" ? "en" : "zh");
    byId("language").addEventListener("click", () => language(Words.isChinese() ? "en" : "zh"));
    byId("choose").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", () => { take(Array.from(byId("file").files)); byId("file").value = ""; });
    byId("template").addEventListener("click", () => acts.save("api/lists/template"));
    document.addEventListener("dragover", (event) => { event.preventDefault(); byId("drop").classList.add("over"); });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) byId("drop").classList.remove("over"); });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      byId("drop").classList.remove("over");
      if (!byId("desk").hidden && event.dataTransfer) take(Array.from(event.dataTransfer.files));
    });
    Session.start(() => { byId("desk").hidden = false; refresh().catch(() => say(Words.say("offline"), true)); }, () => {
      byId("desk").hidden = true;
      told = null; file = null; check = null;
      WaitingView.open("", null);
      drawCheck(true);
      byId("check").hidden = true;
      ["waiting", "lists", "history", "office", "me"].forEach((id) => byId(id).replaceChildren());
      byId("told").textContent = "";
    });
  };

  start();
})();
