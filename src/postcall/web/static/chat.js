// The chat is complete without this. It shows at once what was said, lets Enter send, and leads the focus back.
(() => {
  "use strict";
  const field = () => document.getElementById("message");
  const pending = () => document.querySelector("[data-pending]");
  const trouble = () => document.querySelector("[data-trouble]");
  const said = () => document.querySelectorAll("#said .bubble.user").length;
  const sent = new Map(); // what is on its way: its bubble, its words, and how many words of the user stood before it

  document.addEventListener("keydown", (event) => {
    if (event.target !== field() || event.key !== "Enter" || event.isComposing) return;
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    field().form.requestSubmit(document.querySelector("button[form=say][value=say]"));
  });

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.matches("[data-say]")) return;
    const words = ctx.request.body.get("act") === "silence" ? "" : ctx.request.body.get("message");
    const bubble = document.createElement("li");
    bubble.className = "bubble user";
    const text = document.createElement("p");
    text.dir = "auto";
    text.textContent = words || "(silence)";
    bubble.append(text);
    pending().append(bubble);
    sent.set(ctx, { bubble, words, before: said() + sent.size });
    trouble().hidden = true;
    if (words) field().value = "";
    field().focus();
  });

  document.addEventListener("htmx:after:swap", () => {
    for (const each of sent.values()) if (each.words && said() > each.before) each.bubble.remove();
    if (!document.querySelector(".chat-live.over")) return;
    const form = document.querySelector(".say-it");
    if (!form) return;
    const led = form.contains(document.activeElement);
    form.remove();
    if (led) document.getElementById("chat-ended").focus();
  });

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const each = sent.get(ctx);
    if (!each) return;
    sent.delete(ctx);
    each.bubble.remove();
    if (!field()) return;
    const status = ctx.response?.status;
    const failed = !status || status >= 400;
    if (failed) {
      trouble().textContent = `This was not answered${status ? ` (${status})` : ""}. Load the page again to see how things stand.`;
      trouble().hidden = false;
    }
    if ((failed || document.getElementById("chat-told")) && !field().value) field().value = each.words;
    if (document.activeElement === document.body || document.activeElement.closest(".say-it")) field().focus();
  });
})();
