// Lines and bars.
import { BARS, interval } from "./chart_intervals.js";
import { nameLabels } from "./chart_names.js";
import { axisFormat, stepOf } from "./chart_numbers.js";
import { idOf, placeOf, tooltip } from "./chart_shared.js";
import { tip } from "./chart_tips.js";

const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect", "emptyTriangle", "emptyDiamond"];
const DASHES = ["solid", "solid", "dashed", "solid", "dotted", "dashed", "solid", "dotted"];
const AGAIN = [6, 3, 1, 3]; // the dashes of lines after the eighth, which have the colour of one before them
const MANY_POINTS = 45; // more symbols than that hide their line

export function axes(chart, look, room) {
  const lying = chart.type === "bar" && chart.horizontal;
  const values = valueAxis(chart, look, room, lying);
  const names = nameAxis(chart, look, room, lying);
  const drawn = chart.series.map((series, at) => ({
    id: idOf(at),
    name: series.name,
    cursor: series.hrefs.some(Boolean) ? "pointer" : "default",
    ...(chart.type === "line" ? line(chart, series, look, at) : bars(series, look, lying)),
  }));
  const marks = chart.series.map((series, at) => (series.intervals.length ? interval(chart, series, at, look, lying) : null));
  return {
    tooltip: { ...tooltip(look, "axis", (points) => tip(chart, points.filter((point) => point.seriesId.startsWith("values-")).map((point) => ({ series: placeOf(point.seriesId), at: point.dataIndex })))), axisPointer: { ...tooltip(look).axisPointer, type: chart.type === "bar" ? "shadow" : "line" } },
    legend: legend(chart, look),
    grid: { left: 2, right: lying ? 28 : 14, top: chart.series.length > 1 ? 34 : 12, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    // Intervals first: the lines lie on their bands. Whiskers rise above bars by their z.
    series: [...marks.filter(Boolean), ...drawn],
  };
}

function valueAxis(chart, look, room, lying) {
  return {
    type: "value",
    ...scaleOf(chart, Math.max(2, Math.round(lying ? room.width / 110 : room.height / 55))),
    axisLabel: { color: look.muted, hideOverlap: true, formatter: axisFormat(chart) },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: chart.gridlines, lineStyle: { color: look.line } },
  };
}

// Steps that people count in: shares end at 100 %, seconds go by minutes and hours, calls are whole. `steps` is how many fit.
function scaleOf(chart, steps) {
  const known = chart.series.flatMap((series) => [...series.values, ...series.high]).filter((value) => value !== null);
  const highest = Math.max(0, ...known);
  if (chart.unit === "percent" && highest > 80 && highest <= 100) return { max: 100, interval: [10, 20, 25].find((step) => 100 / step <= steps) ?? 50 };
  const step = chart.unit === "duration" ? stepOf(highest / steps) : undefined;
  if (step) return { max: Math.ceil(highest / step) * step, interval: step };
  return { splitNumber: steps, minInterval: chart.unit === "number" && !chart.suffix && known.every(Number.isInteger) ? 1 : 0 };
}

function nameAxis(chart, look, room, lying) {
  return {
    type: "category",
    data: chart.categories,
    inverse: lying,
    boundaryGap: chart.type !== "line" || chart.categories.length === 1,
    axisLabel: { color: look.muted, margin: 10, ...nameLabels(chart, room, lying) },
    axisLine: { lineStyle: { color: look.strong } },
    axisTick: { show: false },
  };
}

function line(chart, series, look, at) {
  const many = series.values.length > MANY_POINTS;
  const colour = look.palette[series.colour];
  return {
    type: "line",
    data: series.values,
    symbol: SYMBOLS[series.colour],
    symbolSize: chart.series.length > 1 ? 6 : 5,
    // A point between two gaps has no line: without its symbol it would not be seen.
    showSymbol: !many || alone(series.values),
    showAllSymbol: true,
    connectNulls: chart.connect,
    color: colour,
    lineStyle: { width: 2, color: colour, type: at >= SYMBOLS.length ? AGAIN : chart.series.length > 1 ? DASHES[series.colour] : "solid" },
    itemStyle: { color: colour },
    areaStyle: chart.area ? { color: colour, opacity: chart.series.length > 1 ? 0.07 : 0.16 } : undefined,
    emphasis: { focus: "none", lineStyle: { width: 2 } },
    z: 3,
  };
}

const alone = (values) =>
  values.some((value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null);

function bars(series, look, lying) {
  const colour = look.palette[series.colour];
  return {
    type: "bar",
    data: series.values,
    color: colour,
    itemStyle: { color: colour, borderRadius: lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    ...BARS,
    emphasis: { itemStyle: { color: colour, opacity: 0.85 } },
    z: 2,
  };
}

function legend(chart, look) {
  return {
    show: chart.series.length > 1,
    type: "scroll",
    top: 0,
    left: 0,
    right: 8,
    padding: [2, 0],
    itemGap: 14,
    itemWidth: 18,
    itemHeight: 9,
    textStyle: { color: look.ink, fontSize: 12, width: 170, overflow: "truncate" },
    pageTextStyle: { color: look.muted },
    pageIconColor: look.ink,
    pageIconInactiveColor: look.line,
    pageIconSize: 11,
    data: chart.series.map((series) => series.name),
  };
}
