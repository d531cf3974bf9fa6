"use strict";
/* The hall manager's page: checks of a day, windows that live, ages of lists. */
(() => {
  const { byId, make, table, options, moment, ask, query, mark, OUTCOMES } = Office;
  const SILENT = "ecert.hall.silent", AGAIN = 15000, DAY = 86400000;
  let day = "", token = "", figures = null, windows = null, lists = null, turn = 0;

  const say = Words.say;
  const hourName = (hour) => `${String(hour).padStart(2, "0")}:00`;
  const counts = (one) => OUTCOMES.map((outcome) => one[outcome] || 0);
  const heads = () => OUTCOMES.map((outcome) => say(outcome));
  const numbers = ["n", "n", "n", "n", "n"];

  const drawFigures = () => {
    if (!figures) return;
    byId("window").textContent = Words.isChinese() ? `${figures.hall.name}（${figures.hall.region_name}）` : `${figures.hall.name} (${figures.hall.region_name})`;
    const days = [];
    for (let at = Date.parse(figures.today); at >= Date.parse(figures.first_day); at -= DAY) {
      const text = new Date(at).toISOString().slice(0, 10);
      days.push([text, text === figures.today ? `${text} · ${say("today")}` : text]);
    }
    options(byId("day"), days, figures.day);
    options(byId("at-window"), [["", say("allCounters")], ...figures.tokens.map((one) => [one.token, `${one.name} · ${one.window}`])], token);
    const sum = (cls, label, number) => {
      const item = make("li", undefined, cls);
      item.append(make("span", label), make("b", String(number)));
      return item;
    };
    byId("sums").replaceChildren(sum("all", say("total"), figures.total), ...OUTCOMES.map((one) => sum(one, say(one), figures.outcomes[one] || 0)));
    byId("no-checks").hidden = figures.total !== 0;
    byId("plot").replaceChildren(...(figures.total ? [HallPlot.draw(figures.hours, OUTCOMES, `${say("plotTitle")}，${figures.day}`)] : []));
    byId("hours").replaceChildren(table(say("plotTitle"), [say("hour"), ...heads(), say("total")],
      figures.hours.map((one, hour) => [hourName(hour), ...counts(one), counts(one).reduce((a, b) => a + b, 0)]), ["", ...numbers]));
    byId("reasons").replaceChildren(...(figures.reasons.length ? [table(say("byReason"), [say("outcome"), say("number"), say("reason"), say("count")],
      figures.reasons.map((one) => [mark(one.outcome), one.number, Words.both(one), one.count]), ["", "", "", "n"])] : []));
    byId("counters").replaceChildren(...(figures.tokens.length ? [table(say("byCounter"), [say("counter"), say("service"), ...heads(), say("total")],
      figures.tokens.map((one) => [one.name, one.window, ...counts(one.outcomes), one.total]), ["", "", ...numbers])] : []));
    ["xlsx", "csv"].forEach((form) => {
      byId(`as-${form}`).href = `api/hall/export?${query({ day: figures.day, token, form, language: Words.isChinese() ? "zh" : "en" })}`;
    });
  };

  const listWords = (one) => {
    const parts = [];
    if (one.expired) parts.push(say("hasExpired"));
    if (one.behind.length) parts.push(`${one.behind.length} ${say("behind")}`);
    return parts.join(" · ");
  };
  const drawWindows = () => {
    if (!windows) return;
    byId("moment").textContent = moment(windows.at);
    const place = (one) => {
      const box = make("div", one.window);
      if (one.reported) box.append(make("div", say("ownDatabase"), "small"));
      return box;
    };
    const life = (one) => {
      const box = make("div");
      box.append(make("span", say(one.life), `mark ${one.life === "running" ? "good" : one.life === "silent" ? "bad" : ""}`));
      if (one.processes) box.append(make("div", `${one.processes} ${say("processes")}`, "small"));
      return box;
    };
    byId("windows").replaceChildren(windows.windows.length
      ? table(say("windows"), [say("service"), say("machine"), say("state"), say("seen"), say("synced"), say("newer")],
        windows.windows.map((one) => [place(one), one.machine, life(one), moment(one.seen), moment(one.synced),
          listWords(one) ? make("span", listWords(one), "mark bad") : say("upToDate")]), ["", "", "", "when", "when", ""])
      : make("p", say("noWindows")));
  };

  const age = (seconds) => {
    if (seconds < 3600) return `${Math.max(0, Math.floor(seconds / 60))} ${say("minutes")}`;
    if (seconds < 172800) return `${Math.floor(seconds / 3600)} ${say("hours")}`;
    return `${Math.floor(seconds / 86400)} ${say("days")}`;
  };
  /* "statuslist+jwt:https://…" is said as its kind, and what follows. */
  const listName = (slot) => {
    const [, kind, rest] = /^([a-z-]+)\+[a-z]+:(.*)$/s.exec(slot) || ["", "", ""];
    return kind && say(kind) !== kind ? `${say(kind)} ${rest}` : slot;
  };
  const drawLists = () => {
    if (!lists) return;
    const looks = { fresh: "good", old: "warn", expired: "bad" };
    byId("lists").replaceChildren(lists.lists.length
      ? table(say("lists"), [say("list"), say("version"), say("age"), say("ends"), say("state")],
        lists.lists.map((one) => [listName(one.list), one.version, age(one.age_seconds), moment(one.expires), make("span", say(one.state), `mark ${looks[one.state]}`)]),
        ["", "n", "when", "when", ""])
      : make("p", say("noLists")));
  };

  const drawAlarm = () => {
    if (!windows || !lists) return;
    const wrong = windows.windows.filter((one) => !one.well).map((one) => {
      const why = [one.life === "silent" ? say("silent") : "", listWords(one)].filter((text) => text).join(" · ");
      return `${one.window}（${one.machine}）${Words.colon()}${why}`;
    });
    lists.lists.filter((one) => one.state === "expired").forEach((one) => wrong.push(`${listName(one.list)}${Words.colon()}${say("expired")}`));
    if (!lists.lists.length) wrong.push(say("noLists"));
    byId("alarm").className = wrong.length ? "alarm" : "alarm calm";
    const text = wrong.length ? `× ${say("lookAfter")}${Words.colon()}${wrong.join(Words.isChinese() ? "；" : "; ")}` : `√ ${say("allWell")}`;
    // A screen reader says it again whenever it is written.
    if (byId("alarm").textContent !== text) byId("alarm").textContent = text;
  };

  const draw = () => { drawFigures(); drawWindows(); drawLists(); drawAlarm(); };

  const load = async () => {
    turn += 1;
    const mine = turn;
    const [told, living, known] = await Promise.all([
      ask(`api/hall/day?${query({ day, token })}`),
      ask(`api/hall/windows?${query({ silent_minutes: byId("silent").value })}`),
      ask("api/hall/lists"),
    ]);
    if (mine !== turn) return;
    figures = told || figures;
    windows = living || windows;
    lists = known || lists;
    draw();
  };

  if (["5", "10", "30", "60", "480"].includes(Office.recall(SILENT))) byId("silent").value = Office.recall(SILENT);
  byId("silent").addEventListener("change", () => { Office.remember(SILENT, byId("silent").value); load(); });
  byId("day").addEventListener("change", () => { day = byId("day").value === figures.today ? "" : byId("day").value; load(); });
  byId("at-window").addEventListener("change", () => { token = byId("at-window").value; load(); });
  byId("ask").addEventListener("submit", (event) => event.preventDefault());
  Office.start(draw, load);
  window.setInterval(() => {
    // A choice that is open would be closed under the hand.
    if (!byId("desk").hidden && document.activeElement.tagName !== "SELECT") load();
  }, AGAIN);
})();
