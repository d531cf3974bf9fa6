"use strict";
/* Draws the checks of a day by hour: stacked bars, told apart by colour, pattern and order.
   The table beside it says the same; to a screen reader the drawing is one picture with a name. */
const HallPlot = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 1440, HEIGHT = 420, LEFT = 80, BOTTOM = 50, TOP = 60, HOURS = 24;
  const LOOKS = {
    accepted: ["#00602f", null],
    "not-recognised": ["#ffdd00", "M-2 2 L2 -2 M0 12 L12 0 M10 14 L14 10"],
    refused: ["#a31b0b", "M0 0 L12 12 M12 0 L0 12"],
    undetermined: ["#bcd0ea", "M6 2 L6 10 M2 6 L10 6"],
  };
  const make = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const pattern = (outcome) => {
    const [colour, lines] = LOOKS[outcome];
    const made = make("pattern", { id: `look-${outcome}`, width: 12, height: 12, patternUnits: "userSpaceOnUse" });
    const ground = make("path", { d: "M0 0 H12 V12 H0 Z", fill: colour });
    made.append(ground);
    if (lines) made.append(make("path", { d: lines, fill: "none", stroke: outcome === "refused" ? "#fff" : "#0b0c0c", "stroke-width": 2 }));
    return made;
  };
  /* The least round number that is not below `most`: 1, 2 or 5 times a power of ten. */
  const round = (most) => {
    const step = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
    return Math.max(4, [1, 2, 5, 10].map((n) => n * step).find((n) => n >= most));
  };
  const legend = (drawing, outcomes) => {
    outcomes.forEach((outcome, place) => {
      const x = LEFT + place * 330;
      drawing.append(make("rect", { x, y: 8, width: 30, height: 30, fill: `url(#look-${outcome})` }));
      drawing.append(make("text", { x: x + 42, y: 32 }, Words.say(outcome)));
    });
  };
  return {
    /* Return the drawing of `hours`, each a count by outcome. */
    draw(hours, outcomes, name) {
      const most = round(Math.max(...hours.map((one) => outcomes.reduce((sum, each) => sum + (one[each] || 0), 0))));
      const drawing = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": name });
      const defs = make("defs", {});
      outcomes.forEach((one) => defs.append(pattern(one)));
      drawing.append(defs);
      legend(drawing, outcomes);
      const high = HEIGHT - BOTTOM - TOP, wide = (WIDTH - LEFT - 10) / HOURS, ground = HEIGHT - BOTTOM;
      [0, 0.5, 1].forEach((share) => {
        const y = ground - high * share;
        drawing.append(make("line", { x1: LEFT, x2: WIDTH - 10, y1: y, y2: y, class: share ? "grid" : "axis" }));
        drawing.append(make("text", { x: LEFT - 12, y: y + 8, "text-anchor": "end" }, String(most * share)));
      });
      hours.forEach((one, hour) => {
        let y = ground;
        outcomes.forEach((outcome) => {
          const tall = (high * (one[outcome] || 0)) / most;
          if (!tall) return;
          y -= tall;
          drawing.append(make("rect", { x: LEFT + hour * wide + 6, y, width: wide - 12, height: tall, fill: `url(#look-${outcome})` }));
        });
        if (hour % 2 === 0) drawing.append(make("text", { x: LEFT + (hour + 0.5) * wide, y: ground + 34, "text-anchor": "middle" }, String(hour)));
      });
      return drawing;
    },
  };
})();
