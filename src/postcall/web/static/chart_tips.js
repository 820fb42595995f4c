// What is said of the point under the pointer: elements with classes, since the content policy forbids styles in markup.
const MANY = 10;

// A point names its series and its category by number; `colour` is a place in the palette, null for none, its series' if left out.
export function tip(chart, points) {
  const readings = points.map((point) => reading(chart, point));
  const told = readings.filter(({ text }) => text);
  const box = element("div", "tip");
  box.append(element("p", "tip-title", readings[0]?.category ?? ""));
  box.append(told.length ? list(told.slice(0, MANY)) : element("p", "more", "nothing to measure"));
  if (told.length > MANY) box.append(element("p", "more", `and ${told.length - MANY} more in the table`));
  return box;
}

function reading(chart, { series: place, at, colour }) {
  const series = chart.series[place];
  return {
    category: chart.categories[at],
    name: series.name || chart.valueLabel,
    colour: colour === undefined ? series.colour : colour,
    text: series.texts[at],
    range: series.intervals[at],
  };
}

function list(readings) {
  const rows = element("ul", "");
  for (const { name, colour, text, range } of readings) {
    const row = element("li", "");
    row.append(colour === null ? element("span", "") : element("span", `swatch c${colour % 8}`), element("span", "name", name), element("span", "value", text));
    if (range) row.append(element("span", "range", `95 % interval ${range}`));
    rows.append(row);
  }
  return rows;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
