// The page of a question is complete without this: it looks again every two seconds. This has it look as soon as there is news.
(() => {
  "use strict";
  let source = null;
  const asking = () => document.querySelector("#asking[data-news]");

  function listen() {
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

  document.addEventListener("DOMContentLoaded", listen);
  document.addEventListener("htmx:after:swap", listen);
  if (document.readyState !== "loading") listen();
})();
