// Names along an axis.
const WRAPPED = { overflow: "break", lineHeight: 14, height: 28, lineOverflow: "truncate" };

// Days and hours may be left out between others, names may not: they wrap, lean, or are cut with an ellipsis (the tip and the
// table have the whole).
export function nameLabels(chart, room, lying) {
  if (lying) {
    const each = room.height / chart.categories.length;
    const cut = each >= 36 ? WRAPPED : { overflow: "truncate" };
    return { interval: each >= 15 ? 0 : "auto", width: Math.min(180, room.width * 0.4), ...cut };
  }
  if (chart.type === "line") return { hideOverlap: true };
  const each = (room.width - 50) / chart.categories.length;
  const longest = 6.6 * Math.max(...chart.categories.map((name) => name.length));
  if (longest <= each - 6) return { interval: 0 };
  if (chart.categories.length > 14) return { hideOverlap: true, interval: "auto" };
  if (each >= 58) return { interval: 0, width: each - 8, ...WRAPPED };
  return { interval: 0, rotate: 38, width: Math.min(96, room.height * 0.4), overflow: "truncate" };
}
