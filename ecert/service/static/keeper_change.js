"use strict";
/* What a list changes, by what it means: what becomes recognised, what ceases. */
const ChangeView = (() => {
  const GROUPS = ["goes", "comes", "other", "words"], AT_ONCE = 100;
  const { make, button, scroll } = Parts;
  const listed = (matters) => matters.map((one) => (one === "*" ? Words.say("allMatters") : one)).join("、");

  const table = (group, lines) => {
    const heads = ["licence", "way", "comesMatters", "goesMatters", "told", "entry"].map(Words.say);
    return scroll(Words.say(group), heads, lines.map((one) => [
      one.type, `${one.source} → ${one.target}`, listed(one.come), listed(one.gone),
      Words.isChinese() ? one.zh : one.en, one.id,
    ]), 4);
  };

  const draw = (box, change) => {
    const heading = make("h3", Words.say("change"));
    const counts = GROUPS.map((group) => [group, change.lines.filter((one) => one.group === group)]);
    const told = counts.filter(([, lines]) => lines.length).map(([group, lines]) => `${Words.say(group)} ${lines.length}`);
    const summary = make("p", [...told, `${Words.say("unchanged")} ${change.unchanged}`].join(" · "));
    box.replaceChildren(heading, summary);
    change.heads[Words.isChinese() ? "zh" : "en"].forEach((line) => box.append(make("p", line)));
    if (change.first) box.append(make("p", Words.say("firstList"), "warn"));
    if (change.large) box.append(make("p", Words.say("large"), "warn"));
    if (!change.lines.length) box.append(make("p", Words.say("noChange")));
    counts.forEach(([group, lines]) => {
      if (!lines.length) return;
      const part = make("div", undefined, `group ${group}`);
      part.append(make("h3", `${Words.say(group)}（${lines.length}）`), table(group, lines.slice(0, AT_ONCE)));
      if (lines.length > AT_ONCE) {
        const all = button(`+ ${lines.length - AT_ONCE}`, () => part.replaceChildren(part.firstChild, table(group, lines)));
        part.append(all);
      }
      box.append(part);
    });
  };

  return { draw };
})();
