// The page of a call is complete without this. It makes tabs of the parts, and opens the form of a remark in its turn.
(() => {
  "use strict";
  const call = () => document.getElementById("call-body");
  const tabsOf = (root) => [...root.querySelectorAll("[data-tabs] a")];
  const sheetOf = (tab) => document.getElementById(tab.hash.slice(1));
  const chosen = new WeakMap(); // which part each call's element shows
  let shown = null; // the same by name, for a call that is put in the place of another
  let remarked = null; // the turn whose form was opened last, to come back to

  function dress(root) {
    if (!root || !root.querySelector("[data-tabs]")) return;
    const list = root.querySelector("[data-tabs]");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Parts of the call");
    for (const tab of tabsOf(root)) {
      const sheet = sheetOf(tab);
      tab.id = `tab-${sheet.id}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", sheet.id);
      // Beside its tabs on a wide screen, the transcript is no panel of theirs.
      if (getComputedStyle(tab).display === "none") sheet.removeAttribute("role");
      else sheet.setAttribute("role", "tabpanel");
    }
    root.classList.add("tabbed");
    const aimed = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const kept = chosen.get(root) || shown || (root.contains(aimed) && aimed.closest(".sheet")?.id);
    select(root, kept || list.dataset.first || "answers");
  }

  function select(root, name) {
    const usable = tabsOf(root).filter((tab) => getComputedStyle(tab).display !== "none");
    const wanted = usable.find((tab) => sheetOf(tab).id === name) || usable[0];
    if (!wanted) return;
    chosen.set(root, sheetOf(wanted).id);
    for (const tab of tabsOf(root)) {
      tab.setAttribute("aria-selected", String(tab === wanted));
      tab.tabIndex = tab === wanted ? 0 : -1;
      sheetOf(tab).classList.toggle("current", tab === wanted);
    }
  }

  // What a link or a form leads to may stand in a part that is not shown.
  function open(target) {
    const root = target?.closest("#call-body");
    const sheet = target?.closest(".sheet");
    if (root && sheet) select(root, sheet.id === "transcript" && !tabbed(sheet) ? chosen.get(root) : sheet.id);
    const details = target?.closest("details");
    if (details) details.open = true;
  }
  const tabbed = (sheet) => getComputedStyle(document.getElementById(`tab-${sheet.id}`)).display !== "none";

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const tab = event.target.closest("[data-tabs] a");
    if (tab) {
      event.preventDefault();
      select(call(), sheetOf(tab).id);
      return;
    }
    const link = event.target.closest("#call-body a[href^='#']");
    if (link) open(document.getElementById(link.hash.slice(1)));
    const remark = event.target.closest("a.remark-link");
    if (remark) {
      event.preventDefault();
      remarkOn(remark);
    }
    if (event.target.closest(".remark-form [data-cancel]")) {
      event.preventDefault();
      leave(event.target.closest(".remark-form"));
    }
    if (event.target.closest("[data-close-panel]")) {
      event.preventDefault();
      close();
    }
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target instanceof Element ? event.target.closest("[data-tabs] [role=tab]") : null;
    if (tab) {
      const usable = tabsOf(call()).filter((each) => getComputedStyle(each).display !== "none");
      const at = usable.indexOf(tab);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: usable.length - 1 }[event.key];
      if (event.key === " ") tab.click();
      if (next !== undefined) {
        const to = usable[(next + usable.length) % usable.length];
        select(call(), sheetOf(to).id);
        to.focus();
      }
      if (next !== undefined || event.key === " ") event.preventDefault();
      return;
    }
    if (event.key !== "Escape") return;
    const form = event.target instanceof Element ? event.target.closest(".remark-form") : null;
    if (form) leave(form);
    // After a press the focus is still on the row that was pressed.
    else if (event.target instanceof Element && event.target.closest(".with-panel") && call()) close();
  });

  function remarkOn(link) {
    const turn = link.closest(".turn");
    const there = turn.querySelector(".remark-form");
    if (there) {
      leave(there);
      return;
    }
    for (const form of document.querySelectorAll(".turn .remark-form")) form.remove();
    const role = turn.classList.contains("agent") ? "agent" : "user";
    const form = call().querySelector(`template[data-remark-form="${role}"]`).content.querySelector("form").cloneNode(true);
    remarked = turn.id.slice("turn-".length);
    form.id = `remark-form-${remarked}`;
    form.elements.namedItem("turn").value = remarked;
    turn.append(form);
    if (typeof htmx !== "undefined") htmx.process(form);
    form.elements.namedItem("what").focus();
  }

  function leave(form) {
    const link = form.closest(".turn")?.querySelector(".remark-link");
    form.remove();
    link?.focus();
  }

  // The list's side panel: back to the call that was opened.
  function close() {
    const panel = document.getElementById("panel");
    const name = call()?.dataset.call;
    if (!panel) return;
    panel.replaceChildren();
    shown = null;
    panel.dispatchEvent(new CustomEvent("postcall:closed", { bubbles: true, detail: { call: name } }));
    const opener = document.getElementById(`link-${name}`);
    opener?.focus();
  }

  document.addEventListener("htmx:after:swap", () => {
    const root = call();
    if (!root) return;
    dress(root);
    if (remarked !== null && document.activeElement === document.body) {
      root.querySelector(`#turn-${remarked} .remark-link`)?.focus();
    }
  });
  addEventListener("hashchange", () => open(document.getElementById(decodeURIComponent(location.hash.slice(1)))));
  matchMedia("(min-width: 64rem)").addEventListener("change", () => {
    dress(call());
  });
  document.addEventListener("click", () => {
    const root = call();
    if (root) shown = chosen.get(root) || null;
  }, true);

  dress(call());
  if (location.hash) open(document.getElementById(decodeURIComponent(location.hash.slice(1))));
})();
