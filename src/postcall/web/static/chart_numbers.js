// Numbers on an axis, short; what is read out comes ready from the server.
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

export function axisFormat(chart) {
  const before = chart.prefix;
  const after = chart.suffix || (chart.unit === "percent" ? " %" : "");
  const number = chart.unit === "duration" ? duration : (value) => (Math.abs(value) >= 10_000 ? compact : plain).format(value);
  return (value) => `${before}${number(value)}${after}`;
}

function duration(seconds) {
  if (Math.abs(seconds) < 60) return `${plain.format(seconds)} s`;
  if (Math.abs(seconds) < 3600) return `${plain.format(Math.round(seconds / 6) / 10)} min`;
  return `${plain.format(Math.round(seconds / 360) / 10)} h`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

// A step of a scale of seconds that people count in, at least this long.
export const stepOf = (seconds) => (seconds < 1 ? undefined : (STEPS.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400));
