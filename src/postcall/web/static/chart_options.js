// What ECharts is told to draw, decided from a chart's data, the page's colours and the room there is. Touches nothing.
import { axes } from "./chart_axes.js";
import { cells } from "./chart_cells.js";
import { slices } from "./chart_slices.js";

export function optionsOf(chart, look, room) {
  const make = { line: axes, bar: axes, pie: slices, donut: slices, heatmap: cells }[chart.type];
  return {
    animation: look.moves,
    animationDuration: 350,
    animationDurationUpdate: 200,
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.muted },
    color: look.palette,
    ...make(chart, look, room),
  };
}
