// A tick within <div data-chooses="id of a radio"> chooses that radio: what is ticked is what was meant.
(() => {
  "use strict";
  document.addEventListener("input", (event) => {
    const choices = event.target instanceof Element ? event.target.closest("[data-chooses]") : null;
    if (choices && (event.target.checked || event.target.type === "textarea")) {
      document.getElementById(choices.dataset.chooses).checked = true;
    }
  });
})();
