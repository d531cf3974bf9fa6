"use strict";
/* Small parts that the list keeper's page is put together from.  Texts are only ever text. */
const Parts = (() => {
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const button = (text, act, className) => {
    const element = make("button", text, className);
    element.type = "button";
    element.addEventListener("click", () => act(element));
    return element;
  };

  /* A button that asks once more, in its own place: nothing serious happens by one slip. */
  const sureButton = (text, act, className) => {
    let armed = 0;
    const element = button(text, () => {
      if (armed) { window.clearTimeout(armed); armed = 0; element.textContent = text; act(element); return; }
      element.textContent = `${text} · ${Words.say("sure")}`;
      armed = window.setTimeout(() => { armed = 0; element.textContent = text; }, 20000);
    }, className);
    return element;
  };

  /* A table that scrolls by itself, also with the keyboard. */
  const scroll = (label, heads, rows, wide) => {
    const box = make("div", undefined, "scroll"), table = make("table"), head = make("tr");
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", label);
    heads.forEach((one, place) => {
      const cell = make("th", one, wide === place ? "wide" : "");
      cell.scope = "col";
      head.append(cell);
    });
    const top = make("thead"), body = make("tbody");
    top.append(head);
    rows.forEach((cells) => {
      const row = make("tr");
      cells.forEach((one, place) => {
        const cell = make("td", typeof one === "string" ? one : undefined, wide === place ? "wide" : "");
        if (typeof one !== "string") cell.append(one);
        row.append(cell);
      });
      body.append(row);
    });
    table.append(top, body);
    box.append(table);
    return box;
  };

  const versioned = (one) => `${one.title}${Words.isChinese() ? ` 第 ${one.version} 版` : `, version ${one.version}`}`;

  /* A moment as the office's clock shows it. */
  const moment = (text) => {
    if (!text) return "";
    const at = new Date(Date.parse(text) + 8 * 3600 * 1000).toISOString();
    return `${at.slice(0, 10)} ${at.slice(11, 16)}`;
  };

  const error = (body) => {
    const what = Words.both(body), fix = Words.isChinese() ? body.fix_zh : body.fix_en;
    return fix ? `${what}${Words.isChinese() ? "。" : ". "}${fix}` : what;
  };

  /* Give a file of the service to the browser to keep; returns what went wrong, or nothing. */
  const download = async (path, how = {}) => {
    const answer = await fetch(path, {
      credentials: "same-origin", cache: "no-store", redirect: "error", ...how,
      headers: { "X-Ecert-Page": "1", ...(how.headers || {}) },
    });
    if (answer.status !== 200) {
      let body = null;
      try { body = await answer.json(); } catch (problem) { body = null; }
      return { status: answer.status, body };
    }
    const told = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") || "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = told ? decodeURIComponent(told[1]) : "file";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return null;
  };

  return { make, button, sureButton, scroll, versioned, moment, error, download };
})();
