// Pies and donuts, with their names and numbers beside them.
import { cut, idOf, tooltip } from "./chart_shared.js";
import { tip } from "./chart_tips.js";

const LETTER = 7.5; // how wide one is at most, about

export function slices(chart, look, room) {
  const series = chart.series[0];
  const beside = room.width >= 300;
  const texts = Object.fromEntries(chart.categories.map((name, at) => [name, series.texts[at]]));
  const outer = Math.max(24, beside ? Math.min(room.height / 2 - 6, room.width * 0.21) : Math.min(room.width / 2 - 10, room.height * 0.32));
  const centre = beside ? [outer + 4, "50%"] : ["50%", "36%"];
  const long = chart.categories.some((name) => texts[name].length > 7);
  const left = beside ? centre[0] + outer + 18 : 0;
  const letters = Math.floor((room.width - left - (long ? 26 : 74)) / LETTER);
  const column = LETTER * Math.min(letters, Math.max(...chart.categories.map((name) => name.length))) + 8;
  const hollow = chart.type === "donut";
  return {
    tooltip: tooltip(look, "item", (point) => tip(chart, [{ series: 0, at: point.dataIndex, colour: point.dataIndex }])),
    legend: {
      type: "scroll",
      orient: "vertical",
      selectedMode: false,
      ...(beside ? { left, top: "middle", right: 0 } : { left: 0, right: 0, bottom: 0, height: "30%" }),
      data: chart.categories,
      align: "left",
      itemWidth: 10,
      itemHeight: 10,
      itemGap: long ? 8 : 6,
      icon: "roundRect",
      pageIconColor: look.ink,
      pageIconInactiveColor: look.line,
      pageTextStyle: { color: look.muted },
      pageIconSize: 11,
      formatter: (name) => `{name|${cut(name, letters)}}${long ? "\n" : ""}{text|${long ? cut(texts[name], letters) : texts[name]}}`,
      textStyle: {
        rich: {
          name: { color: look.ink, fontSize: 12, lineHeight: 16, ...(long ? {} : { width: column }) },
          text: { color: look.muted, fontSize: 12, lineHeight: 15 },
        },
      },
    },
    series: [
      {
        type: "pie",
        id: idOf(0),
        center: centre,
        radius: [hollow ? outer * 0.64 : 0, outer],
        startAngle: 90,
        label: { show: false },
        labelLine: { show: false },
        itemStyle: { borderColor: look.surface, borderWidth: 1.5 },
        emphasis: { scale: false, itemStyle: { opacity: 0.85 } },
        data: chart.categories.map((name, at) => ({ name, value: Math.max(0, series.values[at] ?? 0), itemStyle: { color: look.palette[at % 8] } })),
      },
      ...(hollow && chart.centre ? [middle(chart, look, centre, outer)] : []),
    ],
  };
}

// A second, unseen pie carries the words in the middle.
function middle(chart, look, centre, outer) {
  const size = Math.max(11, Math.min(22, (outer * 1.7) / Math.max(4, chart.centre.length)));
  const label = { show: true, position: "center", formatter: () => chart.centre, color: look.ink, fontSize: size, fontWeight: 650, fontFamily: look.font };
  return { type: "pie", silent: true, center: centre, radius: [0, 1], legendHoverLink: false, tooltip: { show: false }, label, labelLine: { show: false }, data: [{ value: 1, name: "", itemStyle: { color: "transparent" } }] };
}
