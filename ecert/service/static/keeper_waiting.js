"use strict";
/* Lists that wait for somebody, lists in force, and what was. */
const WaitingView = (() => {
  const { make, button, sureButton, scroll, versioned, moment } = Parts;
  let open = "", whole = null;

  const signatures = (one) => {
    const box = make("ul", undefined, "plainlist");
    one.signatures.forEach((each) => {
      const count = each.known ? `${each.valid}，${Words.say("needs")} ${each.needed}` : Words.say("unknownRoots");
      box.append(make("li", `${each.complete ? "√" : "×"} ${each.name}${Words.colon()}${Words.say("signatures")} ${count}`));
    });
    return box;
  };

  const files = (one, acts) => {
    const save = (paper) => () => acts.save(`api/lists/proposals/${one.id}/${paper}`);
    const found = [button(Words.say("approval"), save("approval")), button(Words.say("approvalPDF"), save("approval-pdf")), button(Words.say("workbook"), save("workbook"))];
    if (one.state === "accepted") found.push(button(Words.say("draft"), save("draft")));
    if (one.signed) found.push(button(Words.say("signedFile"), save("signed")));
    return found;
  };

  const signing = (item, one, acts, signs) => {
    item.append(make("p", `${Words.say("signatures")}${Words.colon()}`), signatures(one));
    const buttons = make("div", undefined, "buttons"), file = make("input");
    file.type = "file"; file.accept = ".json"; file.hidden = true; file.className = "signed-file"; file.tabIndex = -1;
    file.addEventListener("change", () => { if (file.files.length) acts.giveSigned(one, file.files[0]); file.value = ""; });
    if (signs && !one.signed) buttons.append(button(Words.say("sign"), () => acts.sign(one), "main"));
    buttons.append(button(Words.say("giveSigned"), () => file.click(), "give"), file);
    if (!signs) item.append(make("p", Words.say("offlineKey"), "warn"));
    item.append(buttons);
  };

  const detail = (item, one) => {
    const box = make("div");
    item.append(make("p", `${Words.say("digest")}${Words.colon()}${whole.grouped}`, "digest"), make("p", `${Words.say("spoken")}${Words.colon()}${whole.spoken}`), box);
    ChangeView.draw(box, whole.change);
  };

  const draw = (told, acts) => {
    const box = document.getElementById("waiting"), waiting = told.proposals.filter((one) => ["proposed", "accepted"].includes(one.state));
    box.replaceChildren();
    if (!waiting.length) box.append(make("p", Words.say("nothingWaits")));
    waiting.forEach((one) => {
      const item = make("article", undefined, "item"), buttons = make("div", undefined, "buttons"), isOpen = open === one.id && whole;
      item.append(make("h3", versioned(one)), make("p", `${Words.say(`state-${one.state}`)} · ${Words.say("by")} ${one.proposer} ${moment(one.proposed)}${one.decider ? ` · ${Words.say("decidedBy")} ${one.decider} ${moment(one.decided)}` : ""} · ${one.file}`));
      if (one.outdated) item.append(make("p", Words.say("outdated"), "warn"));
      if (one.state === "proposed" && one.mine) item.append(make("p", Words.say("mineWaits")));
      if (one.state === "accepted") signing(item, one, acts, told.signs);
      buttons.append(button(Words.say(isOpen ? "hide" : "look"), () => acts.look(one, !isOpen), isOpen ? "look" : "look main"), ...files(one, acts));
      buttons.append(sureButton(Words.say(one.mine ? "withdraw" : "reject"), () => acts.end(one), "end"));
      item.append(buttons);
      if (isOpen) {
        detail(item, one);
        // One accepts what one has seen.
        if (one.may_accept && !one.outdated) item.append(sureButton(Words.say("accept"), () => acts.accept(one, whole), "accept main"));
      }
      box.append(item);
    });
  };

  const drawLists = (told, acts) => {
    const box = document.getElementById("lists");
    if (!told.lists.length) { box.replaceChildren(make("p", Words.say("noLists"))); return; }
    const heads = ["list", "number", "partiesOf", "until", "files"].map(Words.say);
    box.replaceChildren(scroll(Words.say("inForce"), heads, told.lists.map((one) => [
      `${one.sample ? Words.say("sample") : ""}${versioned(one)}（${one.document_number}）`, String(one.entries), one.parties.join("、"), moment(one.expires).slice(0, 10),
      button(Words.say("workbook"), () => acts.save(`api/lists/in-force?slot=${encodeURIComponent(one.slot)}`)),
    ]), 0));
  };

  const drawHistory = (told, acts) => {
    const box = document.getElementById("history"), past = told.proposals.filter((one) => !["proposed", "accepted"].includes(one.state));
    if (!past.length) { box.replaceChildren(make("p", Words.say("noHistory"))); return; }
    const heads = ["list", "state", "by", "decidedBy", "endedBy", "files"].map(Words.say);
    const who = (name, at) => (name ? `${name} ${moment(at)}` : "");
    box.replaceChildren(scroll(Words.say("history"), heads, past.map((one) => [
      versioned(one), Words.say(`state-${one.state}`), who(one.proposer, one.proposed), who(one.decider, one.decided), who(one.ended_by, one.ended),
      button(Words.say("workbook"), () => acts.save(`api/lists/proposals/${one.id}/workbook`)),
    ]), 0));
  };

  return {
    draw(told, acts) { draw(told, acts); drawLists(told, acts); drawHistory(told, acts); },
    open(id, found) { open = id; whole = found; },
    opened: () => open,
  };
})();
