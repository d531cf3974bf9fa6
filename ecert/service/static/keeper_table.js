"use strict";
/* The uploaded table, and every finding under the row that it speaks of.  A page of rows at a
   time: a table of 5,000 rows is drawn as fast as one of fifty. */
const TableView = (() => {
  const PAGE = 50;
  const { make, button } = Parts;
  let shown = null, sheet = 0, page = 0, only = true, pick = () => {};

  const findingsOf = (title) => shown.findings.filter((one) => one.sheet === title && one.row);

  const finding = (one) => {
    const isError = one.severity === "error", box = make("li", undefined, `finding${isError ? " error" : ""}`);
    const head = make("p"), kind = make("strong", `${isError ? "×" : "△"} ${Words.say(one.severity)} ${one.cell} ${one.what}${one.number ? ` ${one.number}` : ""}`);
    head.append(kind, document.createTextNode(`${Words.colon()}${Words.isChinese() ? one.zh : one.en}`));
    box.append(head);
    const fix = Words.isChinese() ? one.fix_zh : one.fix_en;
    if (fix) box.append(make("p", `→ ${fix}`));
    return box;
  };

  const list = (found) => {
    const box = make("ul", undefined, "findings");
    found.forEach((one) => box.append(finding(one)));
    return box;
  };

  /* Names that nobody knows, each once, however many rows it stands in. */
  const drawNames = (box, types) => {
    const names = new Map();
    shown.findings.forEach((one) => {
      if (one.name) { const known = names.get(one.name) || { one, rows: 0 }; known.rows += 1; names.set(one.name, known); }
    });
    box.replaceChildren();
    if (!names.size) return;
    box.append(make("h3", `${Words.say("names")}（${names.size}）`), make("p", Words.say("namesHow")));
    Array.from(names).slice(0, 10).forEach(([name, { one, rows }], place) => {
      const item = make("div", undefined, "item"), buttons = make("div", undefined, "buttons");
      item.append(make("h3", `${name}（${rows} ${Words.say("rows")}）`), buttons);
      one.suggestions.forEach((each) => buttons.append(button(each.name, () => pick(name, each), "pick")));
      const select = make("select"), none = make("option", Words.say("otherType"));
      select.id = `type-${place}`;
      select.setAttribute("aria-label", `${name} ${Words.say("otherType")}`);
      none.value = "";
      select.append(none);
      types.forEach((each, at) => {
        const option = make("option", `${each.name} ${each.code}`);
        option.value = String(at);
        select.append(option);
      });
      select.addEventListener("change", () => { if (select.value) pick(name, types[Number(select.value)]); });
      buttons.append(select);
      box.append(item);
    });
  };

  const drawWhole = (box) => {
    const found = shown.findings.filter((one) => !one.row);
    box.replaceChildren();
    if (found.length) box.append(make("h3", Words.say("wholeList")), list(found));
    if (shown.more) box.append(make("p", `${Words.say("more")}${shown.more}`, "warn"));
    if (shown.notes.length) {
      const part = make("details"), notes = make("ul");
      part.append(make("summary", `${Words.say("notes")}（${shown.notes.length}）`));
      shown.notes.forEach((one) => notes.append(make("li", Words.both(one))));
      part.append(notes);
      box.append(part);
    }
  };

  const drawRows = (table, rows, byRow, width) => {
    rows.forEach(([number, texts]) => {
      const found = byRow.get(number) || [], row = make("tr"), label = make("th", String(number), "number");
      label.scope = "row";
      row.append(label);
      for (let place = 0; place < width; place += 1) {
        const cell = make("td", texts[place] || "");
        const here = found.filter((one) => one.column === place);
        if (here.length) cell.className = here.some((one) => one.severity === "error") ? "error" : "warning";
        row.append(cell);
      }
      table.append(row);
      if (!found.length) return;
      const under = make("tr"), mark = make("th", found.some((one) => one.severity === "error") ? "×" : "△", "number"), cell = make("td", undefined, "under"), stay = make("div", undefined, "stay");
      mark.scope = "row";
      cell.colSpan = width;
      stay.append(list(found));
      cell.append(stay);
      under.append(mark, cell);
      table.append(under);
    });
  };

  const drawTable = (box) => {
    const one = shown.sheets[sheet], byRow = new Map();
    findingsOf(one.title).forEach((each) => byRow.set(each.row, [...(byRow.get(each.row) || []), each]));
    const rows = only ? one.rows.filter(([number]) => byRow.has(number)) : one.rows;
    const pages = Math.max(1, Math.ceil(rows.length / PAGE)), width = one.rows.reduce((most, [, texts]) => Math.max(most, texts.length), 1);
    page = Math.min(page, pages - 1);
    const again = () => { drawTable(box); };
    const tools = make("div", undefined, "buttons"), choice = make("select");
    choice.setAttribute("aria-label", Words.say("sheet"));
    shown.sheets.forEach((each, place) => {
      const option = make("option", `${each.title || Words.say("table")}（${findingsOf(each.title).length}）`);
      option.value = String(place);
      choice.append(option);
    });
    choice.value = String(sheet);
    choice.addEventListener("change", () => { sheet = Number(choice.value); page = 0; again(); box.querySelector("select").focus(); });
    const filter = button(Words.say("only"), () => { only = !only; page = 0; again(); box.querySelector(".only").focus(); }, "only");
    filter.setAttribute("aria-pressed", String(only));
    const turn = (by) => () => { page += by; again(); box.querySelector(by > 0 ? ".after" : ".before").focus(); };
    const before = button(Words.say("previous"), turn(-1), "before"), after = button(Words.say("nextPage"), turn(1), "after");
    before.disabled = page === 0;
    after.disabled = page === pages - 1;
    tools.append(choice, filter, before, after, make("span", `${page + 1} / ${pages} ${Words.say("page")} · ${rows.length} ${Words.say("rows")}`));
    const scroll = make("div", undefined, "scroll"), table = make("table"), body = make("tbody");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", Words.say("table"));
    const heading = one.rows.find(([number]) => number === one.heading) || one.rows[0];
    if (heading) {
      const head = make("tr"), top = make("thead"), label = make("th", Words.say("row"), "number");
      label.scope = "col";
      head.append(label);
      for (let place = 0; place < width; place += 1) { const cell = make(heading[1][place] ? "th" : "td", heading[1][place] || ""); if (heading[1][place]) cell.scope = "col"; head.append(cell); }
      top.append(head);
      table.append(top);
    }
    drawRows(body, rows.slice(page * PAGE, (page + 1) * PAGE).filter((row) => row !== heading || byRow.has(row[0])), byRow, width);
    table.append(body);
    scroll.append(table);
    box.replaceChildren(make("h3", Words.say("table")), tools, rows.length ? scroll : make("p", Words.say("noRows")));
  };

  return {
    /* Show a check; `choose(name, type)` is told when somebody picks a type. */
    draw(check, types, choose, isNew) {
      shown = check;
      pick = choose;
      if (isNew) { sheet = 0; page = 0; only = check.findings.some((one) => one.row); }
      if (sheet >= shown.sheets.length) sheet = 0;
      drawNames(document.getElementById("names"), types);
      drawWhole(document.getElementById("whole"));
      drawTable(document.getElementById("table"));
    },
  };
})();
