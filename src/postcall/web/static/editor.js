// Dragging and resizing in the editor of dashboards. The page is complete without it: its fields say the same.
//
// The page has
//   <form id="layout" method="post"> <input type="hidden" name="layout"> <button data-save> … </form>
//   <div class="grid-stack" data-editor>
//     <div class="grid-stack-item" gs-id gs-x gs-y gs-w gs-h> (gs-min-w, gs-min-h if wanted)
//       <div class="grid-stack-item-content"> <article class="tile"> … the title is what is dragged by …
//         <input type="number" data-place="x" form="layout"> and y, w, h
// A change by pointer is written into the fields, and one in the fields moves the tile. The hidden input receives
// [{"id", "x", "y", "w", "h"}, …] with each change; it stays empty while nothing has changed, and then the fields count.
(() => {
  "use strict";
  const NARROW = "(max-width: 55.99rem)"; // there tiles stand in one column: places are set by their fields
  const ROW = 94; // a row of 5rem and the gap below it, as in tiles.css
  const board = document.querySelector("[data-editor]");
  const form = document.getElementById("layout");
  if (!board || !form || typeof gridstack === "undefined" || matchMedia(NARROW).matches) return;

  const items = [...board.querySelectorAll(".grid-stack-item")];
  const grid = gridstack.GridStack.init(
    {
      column: 12,
      cellHeight: ROW,
      margin: 7,
      float: true,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      handle: ".tile-title",
      resizable: { handles: "se" },
    },
    board,
  );
  board.classList.add("moves");

  const places = () => items.filter((item) => item.gridstackNode).map(({ gridstackNode: { id, x, y, w, h } }) => ({ id: String(id), x, y, w, h }));

  function tell() {
    for (const item of items) {
      for (const field of item.querySelectorAll("[data-place]")) field.value = item.gridstackNode?.[field.dataset.place] ?? field.value;
    }
    form.elements.layout.value = JSON.stringify(places());
    for (const save of form.querySelectorAll("[data-save]")) save.disabled = false;
    form.classList.add("changed");
  }

  grid.on("change", tell);
  board.addEventListener("change", (event) => {
    const field = event.target.closest("[data-place]");
    const item = field?.closest(".grid-stack-item");
    if (!item || field.value === "" || !field.checkValidity()) return;
    grid.update(item, { [field.dataset.place]: Number(field.value) });
    tell();
  });
  for (const save of form.querySelectorAll("[data-save]")) save.disabled = true;
  // Leaving with changes asks first; sending the form is no leaving.
  let sending = false;
  form.addEventListener("submit", () => (sending = true));
  addEventListener("beforeunload", (event) => {
    if (form.classList.contains("changed") && !sending) event.preventDefault();
  });
})();
