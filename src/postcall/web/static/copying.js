// Buttons that copy what a field holds: <button data-copies="id of the field">.
(() => {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copies]") : null;
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    field.focus();
    field.select();
    button.textContent = (await copy(field.value)) ? "Copied" : "Selected: copy it with the keyboard";
  });

  // Browsers give pages the clipboard only under https and on this machine; the older way works wherever text is selected.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  }
})();
