// Pages are complete without this. It lights up the turns that an answer rests on, and keeps pages fresh where htmx is missing.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  let pinned = null; // the id of the answer whose turns stay lit

  const answerOf = (node) => (node instanceof Element ? node.closest(".answer[data-turns]:not([data-turns=''])") : null);
  const pinnedAnswer = () => (pinned ? document.getElementById(pinned) : null);

  function light(answer) {
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    const transcript = document.getElementById("transcript");
    if (transcript) transcript.classList.toggle("pointing", Boolean(answer));
    if (!answer) return;
    answer.classList.add("lit");
    const turns = answer.dataset.turns.split(" ").map((turn) => document.getElementById(`turn-${turn}`)).filter(Boolean);
    for (const turn of turns) {
      turn.classList.add("lit");
      for (const mark of turn.querySelectorAll("mark")) {
        mark.classList.toggle("lit", mark.dataset.answers.split(" ").includes(answer.dataset.index));
      }
    }
    if (turns.length) reveal(transcript, turns[0]);
  }

  // Only where the transcript scrolls by itself, beside the answers: on a narrow screen the answer would jump away.
  function reveal(transcript, turn) {
    const scrolls = /auto|scroll/.test(getComputedStyle(transcript).overflowY);
    if (!scrolls) return;
    const align = () => {
      const box = transcript.getBoundingClientRect();
      const place = turn.getBoundingClientRect();
      if (place.top >= box.top + 48 && place.bottom <= box.bottom) return;
      transcript.scrollTop += place.top - box.top - box.height / 4;
    };
    align();
    // Turns far off have only an estimated height until they come into view.
    requestAnimationFrame(() => requestAnimationFrame(align));
  }

  function pin(answer) {
    pinned = answer && answer.id !== pinned ? answer.id : null;
    showPins();
    light(pinnedAnswer() || answer);
  }

  function showPins() {
    for (const button of document.querySelectorAll(".pin")) {
      button.setAttribute("aria-pressed", String(answerOf(button)?.id === pinned));
    }
    for (const answer of document.querySelectorAll(".answer")) answer.classList.toggle("pinned", answer.id === pinned);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const answer = answerOf(event.target);
    if (answer && answer !== answerOf(event.relatedTarget)) light(answer);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "mouse" && answerOf(event.target) && !answerOf(event.relatedTarget)) light(pinnedAnswer());
  });
  document.addEventListener("focusin", (event) => {
    const answer = answerOf(event.target);
    if (answer && event.target.matches(":focus-visible")) light(answer);
  });
  document.addEventListener("focusout", (event) => {
    if (answerOf(event.target) && !answerOf(event.relatedTarget)) light(pinnedAnswer());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) pin(null);
  });
  document.addEventListener("click", (event) => {
    const answer = answerOf(event.target);
    if (!answer) return;
    if (event.target.closest("a")) {
      if (answer.id !== pinned) pin(answer);
    } else if (event.target.closest(".pin") || (!event.target.closest("summary, form") && String(getSelection()) === "")) {
      pin(answer);
    }
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const says = event.target.dataset.busy;
    if (!says || !button || (button.name === "action" && button.value !== "ask")) return;
    // After the form's data is read: a disabled button is not sent.
    setTimeout(() => {
      button.disabled = true;
      button.textContent = says;
    });
  });
  // Back from another page, the browser may show this one as it was left, its buttons disabled.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  const tell = (offline) => document.getElementById("offline")?.toggleAttribute("hidden", !offline);
  const afterSwap = () => {
    showPins();
    light(pinnedAnswer());
  };
  document.addEventListener("htmx:after:swap", afterSwap);
  document.addEventListener("htmx:after:request", () => tell(false));
  document.addEventListener("htmx:error", () => tell(true));

  // The assets were not built: look again without htmx. What has the focus keeps it, by its id.
  async function lookAgain(part) {
    if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    try {
      const reply = await fetch(part.getAttribute("hx-get"), { headers: { "HX-Request": "true" } });
      tell(false);
      if (reply.status !== 200) return;
      const focused = document.activeElement?.id;
      const parsed = new DOMParser().parseFromString(await reply.text(), "text/html");
      part.replaceWith(document.adoptNode(parsed.getElementById(part.id)));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      afterSwap();
    } catch {
      tell(true);
    }
  }
  let last = Date.now();
  if (typeof htmx === "undefined") {
    setInterval(() => {
      const part = document.querySelector("[data-every]");
      if (!part || Date.now() - last < 1000 * Number(part.dataset.every)) return;
      last = Date.now();
      lookAgain(part);
    }, 500);
  }
})();
