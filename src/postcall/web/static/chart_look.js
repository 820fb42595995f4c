// The page's colours, as they are now: light or dark.
export function readLook() {
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(`--${name}`).trim();
  const [cool, warm, ink, surface] = ["cool", "warm", "ink", "surface"].map(colour);
  const between = (share) => mix(parts(cool), parts(warm), Math.min(1, Math.max(0, share)));
  return {
    palette: Array.from({ length: 8 }, (_, at) => colour(`c${at}`)),
    ink,
    surface,
    cool,
    warm,
    muted: colour("muted"),
    line: colour("line"),
    strong: colour("strong"),
    font: getComputedStyle(document.body).fontFamily,
    moves: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    between,
    inkOn: (background) => (contrast(parts(ink), background) >= contrast(parts(surface), background) ? ink : surface),
  };
}

const parts = (hex) => {
  const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16));
};
const mix = (from, to, share) => from.map((each, at) => each + (to[at] - each) * share);

// WCAG's ratio of contrast.
function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((each) => (each <= 10 ? each / 3294.6 : ((each / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
