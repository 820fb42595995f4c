// What charts of every kind share.
// The place of a series among the chart's own: intervals are series of ECharts as well.
export const placeOf = (seriesId) => Number(seriesId.slice("values-".length));
export const idOf = (at) => `values-${at}`;

export function tooltip(look, trigger, formatter) {
  return {
    trigger,
    confine: true,
    formatter,
    // Its look is that of `.tip` in tiles.css.
    padding: 0,
    borderWidth: 0,
    backgroundColor: "transparent",
    shadowBlur: 0,
    extraCssText: "box-shadow: none",
    transitionDuration: look.moves ? 0.15 : 0,
    axisPointer: { type: "line", lineStyle: { color: look.strong, type: "solid" }, shadowStyle: { color: look.strong, opacity: 0.12 } },
  };
}

export const cut = (text, letters) => (text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text);
