// The 95 % intervals of lines and bars.
export const BARS = { barMaxWidth: 44, barCategoryGap: "28%", barGap: "10%" }; // whiskers stand where the bars do

// A band behind a line, a whisker on a bar.
export function interval(chart, series, at, look, lying) {
  const ends = series.values.map((value, place) => [place, series.low[place], series.high[place]]);
  const common = { type: "custom", silent: true, tooltip: { show: false }, animation: false, color: look.palette[series.colour], clip: true };
  const encode = lying ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] };
  const of = { at, of: chart.series.length, lying, ink: look.ink, under: look.surface };
  const draw = chart.type === "line" ? (_, api) => band(ends, api, common.color) : (_, api) => whisker(api, of);
  return { ...common, name: series.name, data: ends.filter(isKnown), encode, renderItem: draw, z: chart.type === "line" ? 1 : 4 };
}

const isKnown = (end) => Boolean(end) && end[1] !== null && end[2] !== null;

// The first point after a gap draws the whole piece up to the next: pieces by points would show their seams.
function band(ends, api, colour) {
  const first = api.value(0);
  if (isKnown(ends[first - 1])) return null;
  const after = ends.findIndex((end, place) => place > first && !isKnown(end));
  const piece = ends.slice(first, after < 0 ? undefined : after);
  const points = [...piece.map(([x, low]) => api.coord([x, low])), ...piece.map(([x, , high]) => api.coord([x, high])).reverse()];
  return { type: "polygon", shape: { points }, style: { fill: colour, opacity: 0.16 } };
}

function whisker(api, { at, of, lying, ink, under }) {
  const place = api.value(0);
  const point = (value) => api.coord(lying ? [value, place] : [place, value]);
  const size = api.size([1, 1])[lying ? 1 : 0];
  const slot = api.barLayout({ count: of, ...BARS })[at];
  const aside = slot ? slot.offsetCenter : 0;
  const half = Math.min(5, size / of / 4);
  const [from, to] = [point(api.value(1)), point(api.value(2))];
  const shift = ([x, y], by) => (lying ? [x, y + aside + by] : [x + aside + by, y]);
  const strokes = [
    [shift(from, 0), shift(to, 0)],
    [shift(from, -half), shift(from, half)],
    [shift(to, -half), shift(to, half)],
  ];
  const stroke = ([[x1, y1], [x2, y2]], colour, width) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: width } });
  // A rim of the surface's colour keeps it visible on a bar of any colour.
  return { type: "group", children: [...strokes.map((each) => stroke(each, under, 3.5)), ...strokes.map((each) => stroke(each, ink, 1.25))] };
}
