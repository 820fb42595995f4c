// Heatmaps.
import { nameLabels } from "./chart_names.js";
import { axisFormat } from "./chart_numbers.js";
import { tooltip } from "./chart_shared.js";
import { tip } from "./chart_tips.js";

export function cells(chart, look, room) {
  const known = chart.series.flatMap((series) => series.values).filter((value) => value !== null);
  const [least, most] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const width = (room.width - 110) / chart.categories.length;
  const height = (room.height - 60) / chart.series.length;
  const say = axisFormat(chart);
  const text = (value) => ({ color: look.inkOn(look.between((value - least) / (most - least || 1))) });
  const data = chart.series.flatMap((series, y) =>
    series.values.map((value, x) => (value === null ? null : { value: [x, y, value], label: text(value) })).filter(Boolean));
  const names = { axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } };
  return {
    tooltip: tooltip(look, "item", (point) => tip(chart, [{ series: point.value[1], at: point.value[0], colour: null }])),
    grid: { left: 2, right: 8, top: 4, bottom: 34, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "category", data: chart.categories, axisLabel: { color: look.muted, ...nameLabels({ ...chart, type: width >= 30 ? "bar" : "line" }, room, false) }, ...names },
    yAxis: { type: "category", data: chart.series.map((series) => series.name), inverse: true, axisLabel: { color: look.muted, interval: height >= 14 ? 0 : "auto", width: Math.min(130, room.width * 0.3), overflow: "truncate" }, ...names },
    visualMap: {
      type: "continuous",
      min: least,
      max: most > least ? most : least + 1,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemWidth: 10,
      itemHeight: Math.min(140, room.width * 0.35),
      text: [say(most), say(least)],
      textGap: 8,
      textStyle: { color: look.muted, fontSize: 11 },
      inRange: { color: [look.cool, look.warm] },
      formatter: say,
    },
    series: [
      {
        type: "heatmap",
        data,
        label: { show: width >= 34 && height >= 16, fontSize: 11, formatter: (point) => say(point.value[2]) },
        itemStyle: { borderColor: look.surface, borderWidth: 1.5, borderRadius: 3 },
        emphasis: { itemStyle: { borderColor: look.ink } },
      },
    ],
  };
}
