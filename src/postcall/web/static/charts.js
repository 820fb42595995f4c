// Draws the charts of a page: each figure has its data, and its table for whoever cannot see or point.
import { readLook } from "./chart_look.js";
import { optionsOf } from "./chart_options.js";
import { placeOf } from "./chart_shared.js";

const drawn = new Map(); // figure → what is drawn in it
const openTables = new Set(); // ids of the tables that somebody opened: a refreshed part comes with them as the server sent it

function draw(figure) {
  const text = figure.querySelector("script[type='application/json']").textContent;
  const plot = figure.querySelector(".plot");
  const table = figure.querySelector(".numbers");
  const before = drawn.get(figure);
  if (before && before.text === text && before.plot === plot && plot.contains(before.chart.getDom().firstChild)) return;
  forget(figure);
  const data = JSON.parse(text);
  figure.classList.add("drawn");
  table.open = openTables.has(table.id);
  const chart = globalThis.echarts.init(plot, null, { renderer: "svg", ...roomOf(plot) });
  const entry = { text, plot, chart, data, watcher: new ResizeObserver(() => fit(entry)) };
  drawn.set(figure, entry);
  table.addEventListener("toggle", () => {
    if (table.open) openTables.add(table.id);
    else openTables.delete(table.id);
  });
  follow(entry);
  entry.watcher.observe(plot);
  paint(entry);
}

function forget(figure) {
  const entry = drawn.get(figure);
  if (!entry) return;
  entry.watcher.disconnect();
  entry.chart.dispose();
  drawn.delete(figure);
}

const roomOf = (plot) => ({ width: plot.clientWidth || 320, height: plot.clientHeight || 200 });

function paint(entry) {
  entry.chart.setOption(optionsOf(entry.data, readLook(), roomOf(entry.plot)), { notMerge: true });
}

// Hidden behind its table it has no size, and keeps the one it had.
function fit(entry) {
  const { clientWidth, clientHeight } = entry.plot;
  if (!clientWidth || !clientHeight || (clientWidth === entry.chart.getWidth() && clientHeight === entry.chart.getHeight())) return;
  entry.chart.resize({ width: clientWidth, height: clientHeight });
  paint(entry);
}

// A click on a bar, a slice or a cell leads to the calls behind it, and so does one anywhere above or below a line's point.
function follow({ chart, data }) {
  if (data.type === "line") {
    const screen = chart.getZr();
    screen.on("click", (event) => go(hrefNear(chart, data, event), event.event));
    screen.on("mousemove", (event) => screen.setCursorStyle(hrefNear(chart, data, event) ? "pointer" : "default"));
  } else {
    chart.on("click", (event) => go(hrefOf(data, event), event.event.event));
  }
}

function hrefOf(data, { seriesId, dataIndex, value }) {
  if (data.type === "heatmap") return data.series[value[1]].hrefs[value[0]];
  return data.series[placeOf(seriesId)]?.hrefs[dataIndex];
}

function hrefNear(chart, data, { offsetX, offsetY }) {
  if (!chart.containPixel({ gridIndex: 0 }, [offsetX, offsetY])) return null;
  const [at, value] = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]);
  const near = Math.round(at);
  const known = data.series.filter((series) => (series.values[near] ?? null) !== null);
  const distance = (series) => Math.abs(series.values[near] - value);
  return known.sort((one, other) => distance(one) - distance(other))[0]?.hrefs[near];
}

function go(href, pressed) {
  const to = href && new URL(href, location.href);
  if (!to || to.origin !== location.origin) return;
  if (pressed.ctrlKey || pressed.metaKey) window.open(to, "_blank", "noopener");
  else location.assign(to);
}

function drawAll() {
  for (const figure of drawn.keys()) if (!figure.isConnected) forget(figure);
  for (const figure of document.querySelectorAll("figure[data-chart]")) draw(figure);
}

const repaint = () => drawn.forEach(paint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", repaint);
document.addEventListener("htmx:after:swap", drawAll);
drawAll();
