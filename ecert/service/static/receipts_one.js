"use strict";
/* Draws one receipt, a replay, and the report of a check.  Every text goes in as text. */
const ReceiptView = (() => {
  const { make, table, told, moment, mark } = Office;
  const say = Words.say;
  const reason = (one) => `${Words.both(one)}（${one.number}）`;
  const reasons = (many) => many.map(reason).join(Words.isChinese() ? "；" : "; ");
  const code = (text) => make("code", text);
  const days = (seconds) => `${(seconds / 86400).toFixed(1)} d`;

  return {
    reason,
    /* Return the elements that tell one receipt. */
    one(said) {
      const proof = make("p");
      proof.append(make("span", say(said.proven ? "proven" : "unproven"), `mark ${said.proven ? "good" : "bad"}`));
      if (said.fault) proof.append(`　${Words.both(said.fault)}`);
      const found = [proof];
      if (said.demo) found.push(make("p", say("demo"), "alarm"));
      found.push(told([
        [say("outcome"), mark(said.outcome)], [say("reasons"), reason(said.reason)],
        [say("at"), moment(said.at)], [say("clerk"), said.clerk], [say("matter"), said.matter],
        [say("case"), said.case], [say("region"), said.region], [say("presented"), say(said.presented)],
      ]));
      said.parts.forEach((part, place) => {
        if (said.parts.length > 1) found.push(make("h2", `${say("part")} ${place + 1}`));
        found.push(told([
          [say("licenceType"), part.type && (part.type_name ? `${part.type_name}（${part.type}）` : part.type)],
          [say("licence"), part.licence && code(part.licence)], [say("issuer"), part.issuer && code(part.issuer)],
          [say("outcome"), said.parts.length > 1 ? mark(part.outcome) : null], [say("reasons"), reasons(part.reasons)],
        ]));
      });
      if (said.lists.length) {
        const box = make("div", undefined, "tables");
        box.append(table(say("listsUsed"), [say("list"), say("version"), say("issued"), say("ageThen"), say("digest")],
          said.lists.map((one) => [one.name, one.version, moment(one.issued), days(one.age), code(one.digest)]), ["", "n", "when", "when", ""]));
        found.push(box);
      }
      found.push(told([[say("digest"), code(said.sha256)], [say("previous"), code(said.previous)], [say("key"), code(said.key)], [say("software"), said.software]]));
      return found;
    },
    /* Return the elements that tell a replay. */
    replay(done) {
      const look = { follows: "good", differs: "bad" }[done.result] || "undetermined";
      const head = make("p");
      head.append(make("span", `${{ follows: "√", differs: "×" }[done.result] || "?"} ${Words.both(done.wording)}`, `mark ${look}`));
      const answer = (one, why) => { const box = make("span"); box.append(mark(one.outcome), `　${why}`); return box; };
      return [head, told([
        [say("receipt"), answer(done.receipt, reason(done.receipt.reason))],
        [say("thenTold"), answer(done.then, reason(done.then.reason))],
        [say("todayTold"), answer(done.today, reasons(done.today.reasons))],
        [say("missing"), done.missing.map((one) => `${one.name} ${one.version}`).join("；")],
        [say("note"), done.known_alike ? "" : say("notAlike")],
        [say("notRepeatable"), reasons(done.not_repeatable)],
      ])];
    },
    /* Return the elements that tell what a check of chains has found. */
    report(report) {
      const head = make("p", `${say(report.clean ? "clean" : "unclean")}${Words.colon()}${report.receipts} ${say("shownSoFar")}`, report.clean ? "alarm calm" : "alarm");
      const found = [head];
      if (report.findings.length) {
        found.push(table(say("fault"), [say("window"), say("number"), say("fault"), say("where")],
          report.findings.map((one) => [one.window, one.number || "", Words.both(one), code(one.detail)]), ["", "n", "", ""]));
      }
      if (report.more) found.push(make("p", `${report.more} ${say("moreFaults")}`));
      if (report.heads.length) {
        found.push(table(say("head"), [say("window"), say("number"), say("head")],
          report.heads.map((one) => [one.window, one.number, code(one.digest)]), ["", "n", ""]));
      }
      const box = make("div", undefined, "tables");
      box.append(...found);
      return [box];
    },
  };
})();
