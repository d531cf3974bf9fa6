"use strict";
/* Draws a verdict.  Every text goes in as text: nothing that a licence says can become markup. */
const VerdictView = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    accepted: ["M10 44 L34 68 L76 22", 10],
    refused: ["M20 20 L66 66 M66 20 L20 66", 10],
    "not-recognised": ["M43 10 L80 74 L6 74 Z M43 32 L43 52 M43 60 L43 66", 7],
    undetermined: ["M43 6 A37 37 0 1 0 43.1 6 Z M31 34 A12 12 0 1 1 43 47 L43 52 M43 60 L43 66", 7],
  };
  const make = (name, text, cls) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (cls) element.className = cls;
    return element;
  };
  const icon = (outcome) => {
    const drawing = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
    drawing.setAttribute("viewBox", "0 0 86 86");
    drawing.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[outcome][0]);
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", String(ICONS[outcome][1]));
    path.setAttribute("stroke-linejoin", "round");
    drawing.append(path);
    return drawing;
  };
  const rows = (pairs) => {
    const list = make("dl");
    pairs.forEach(([label, text]) => {
      const pair = make("div", undefined, "pair");
      pair.append(make("dt", label), make("dd", text));
      list.append(pair);
    });
    return list;
  };
  const portrait = (jpeg) => {
    const figure = make("figure", undefined, "portrait"), picture = make("img");
    picture.src = `data:image/jpeg;base64,${jpeg}`;
    picture.alt = "";
    figure.append(picture, make("figcaption", Words.say("portrait")));
    return figure;
  };
  const place = (type, region) => (Words.isChinese() ? `${type}（${region}）` : `${type} (${region})`);
  const holder = ([name, number]) => {
    const shown = name || Words.say("noName");
    if (!number) return shown;
    const label = Words.say(number.length > 4 ? "wholeNumber" : "lastFour");
    return Words.isChinese() ? `${shown}（${label} ${number}）` : `${shown} (${label} ${number})`;
  };

  const basis = (one) => {
    const sample = one.sample ? Words.say("sample") : "";
    return Words.isChinese()
      ? `${one.list_title} 第${one.list_version}版 第${one.entry}项（${one.document_number}）${sample}`
      : `${one.list_title}, version ${one.list_version}, entry ${one.entry} (${one.document_number}) ${sample}`;
  };

  const mandate = (agent) => {
    const all = agent.matters.length === 1 && agent.matters[0] === "*";
    const matters = all ? Words.say("allMatters") : agent.matters.join(Words.isChinese() ? "、" : ", ");
    return `${matters}${Words.isChinese() ? "，" : "; "}${agent.until.slice(0, 16).replace("T", " ")} ${Words.say("mandateUntil")}`;
  };

  const licence = (one) => {
    const pairs = [[Words.say("licence"), place(one.type_name, one.region_name)]];
    if (one.original_type_name !== one.type_name) pairs.push([Words.say("original"), one.original_type_name]);
    if (one.purpose) pairs.push([Words.say("purpose"), one.purpose.purpose], [Words.say("maker"), one.purpose.maker]);
    one.holders.forEach((each) => pairs.push([Words.say("holder"), holder(each)]));
    if (one.agent) pairs.push([Words.say(one.enterprise ? "officer" : "agent"), holder([one.agent.name, one.agent.number])], [Words.say("mandate"), mandate(one.agent)]);
    if (one.number !== null) pairs.push([Words.say("number"), one.number]);
    Object.entries(one.fields).forEach((pair) => pairs.push(pair));
    pairs.push([Words.say("until"), one.valid_until || Words.say("noEnd")], [Words.say("issuer"), one.issuer_name]);
    if (one.basis) {
      pairs.push([Words.say("basis"), basis(one.basis)]);
      if (one.basis.note) pairs.push([Words.say("note"), one.basis.note]);
    }
    return rows(pairs);
  };

  const part = (one) => {
    const body = make("div", undefined, "body"), accepted = one.outcome === "accepted" && one.licence;
    const next = make("p", undefined, accepted ? "next first" : "next");
    next.append(`${Words.say("next")}${Words.colon()}`, Words.both(one.next));
    /* What the clerk does comes first, what it rests on after. */
    if (accepted) {
      if (one.licence.portrait_jpeg) body.append(portrait(one.licence.portrait_jpeg));
      body.append(next, licence(one.licence));
    } else if (one.about) {
      body.append(rows([
        [Words.say("licence"), place(one.about.type_name, one.about.region_name)],
        [Words.say("issuer"), one.about.issuer_name],
      ]));
    }
    /* What the holder left out has no name of its own. */
    if (one.asked && !one.about) body.append(rows([[Words.say("askedLicence"), one.asked]]));
    const reason = make("p");
    reason.append(make("strong", `${Words.say("reason")}${Words.colon()}`), Words.both(one.wording), make("span", `　${one.number}`, "small"));
    body.append(reason);
    if (!accepted) body.append(next);
    return body;
  };

  /* The case copy is in this page alone, and is gone with the result. */
  const keep = (verdict) => {
    const button = make("button", Words.say("keepCopy"));
    button.type = "button";
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([verdict.case_copy], { type: "application/jwt" }));
      link.download = `receipt-${verdict.receipt.number}.jwt`;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    return button;
  };

  const foot = (verdict, object) => {
    const bar = make("div", undefined, "foot"), { at: moment, receipt } = verdict;
    let told = `${moment.slice(11, 19)} · ${Words.say("took")} ${(verdict.took_ms / 1000).toFixed(2)} s`;
    if (receipt) told += ` · ${Words.say("receipt")} ${Words.say("receiptNumber")} ${receipt.number}${Words.isChinese() ? " 号" : ""}`;
    bar.append(make("p", told, "small"));
    /* The window itself knows which licence that was. */
    const named = (number) => (receipt ? { receipt: receipt.number, part: number } : { check: verdict.check, part: number });
    verdict.parts.forEach((one, index) => {
      if (!object || one.outcome !== "accepted" || !one.licence || !(receipt || verdict.check)) return;
      const button = make("button", Words.say("object") + (verdict.parts.length > 1 ? ` ${index + 1}` : ""));
      button.type = "button";
      button.addEventListener("click", () => object(one.licence, named(index + 1)));
      bar.append(button);
    });
    if (verdict.case_copy) bar.append(keep(verdict));
    /* Without receipts there are no copies, and nobody misses one. */
    if (receipt && verdict.copy_fault) bar.append(make("p", `${Words.say("noCopy")}${Words.colon()}${Words.both(verdict.copy_fault)}`, "fault"));
    if (verdict.receipt_fault) bar.append(make("p", `${Words.say("noReceipt")}${Words.colon()}${Words.both(verdict.receipt_fault)}`, "fault"));
    return bar;
  };

  const head = (outcome, text) => {
    const bar = make("div", undefined, "head");
    bar.append(icon(outcome), make("h2", text));
    return bar;
  };

  return {
    make,
    /* Fill ``box`` with the verdict; ``object`` is told the licence that somebody finds wrong, and its check. */
    draw(box, verdict, object) {
      box.className = `result ${verdict.outcome}`;
      box.replaceChildren(head(verdict.outcome, Words.both(verdict.headline)));
      if (verdict.unanswered) {
        const told = make("div", undefined, "body");
        told.append(make("p", Words.say("unanswered"), "next"));
        box.append(told);
      }
      if (verdict.demo) box.append(make("p", Words.say("demo"), "demo"));
      verdict.parts.forEach((one, index) => {
        const body = part(one);
        if (verdict.parts.length > 1) {
          body.classList.add("part");
          const names = { accepted: "√", refused: "×", "not-recognised": "△", undetermined: "?" };
          body.prepend(make("h3", `${index + 1} ${names[one.outcome]} ${Words.both(one.headline)}`));
        }
        box.append(body);
      });
      if (verdict.one_holder === false) box.lastElementChild.append(make("p", Words.say("holdersDiffer"), "next"));
      box.append(foot(verdict, object));
    },
    /* Fill ``box`` with what kept the check from being made: never a verdict. */
    trouble(box, text) {
      box.className = "result undetermined";
      const body = make("div", undefined, "body");
      body.append(make("p", text, "next"));
      box.replaceChildren(head("undetermined", Words.isChinese() ? "无法核验，不能判定真假" : "Cannot be verified; nothing is said about authenticity"), body);
    },
  };
})();
