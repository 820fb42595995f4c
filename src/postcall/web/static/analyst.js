// The pages of the analyst are complete without this. Enter asks, the browser's time zone is taken at first, a mark opens
// what it leads to, and the page of a question looks as soon as there is news instead of every two seconds.
(() => {
  "use strict";
  let source = null;
  const asking = () => document.querySelector("#asking[data-news]");

  function listen() {
    const end = document.querySelector("#asking[data-end]")?.dataset.end;
    if (end) {
      source?.close();
      location.replace(end);
      return;
    }
    const part = asking();
    if (!part) {
      source?.close();
      source = null;
      return;
    }
    if (source || !window.htmx) return;
    source = new EventSource(part.dataset.news);
    const look = () => asking()?.dispatchEvent(new Event("news"));
    source.onmessage = look;
    source.addEventListener("over", () => {
      source?.close();
      look();
    });
    source.onerror = () => source?.close(); // it goes on looking by itself
  }

  function guessZone() {
    const field = document.querySelector("[data-guess-zone]");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!field || !zone) return;
    if (![...field.options].some((option) => option.value === zone)) field.add(new Option(zone, zone));
    field.value = zone;
  }

  // What is folded is opened where somebody is led into it.
  function open() {
    const place = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!place) return;
    for (let part = place.parentElement?.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
    place.scrollIntoView();
  }

  function begin() {
    guessZone();
    listen();
    open();
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "question" || event.key !== "Enter" || event.isComposing) return;
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.target.value.trim()) event.target.form.requestSubmit(event.target.form.querySelector("button.primary"));
  });
  document.addEventListener("click", (event) => {
    // The same mark once more: the address does not change, and nobody would be told.
    const link = event.target instanceof Element ? event.target.closest("a.mark-q") : null;
    if (link && link.hash && link.hash === location.hash && link.pathname === location.pathname) open();
  });
  addEventListener("hashchange", open);
  document.addEventListener("htmx:after:swap", listen);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
