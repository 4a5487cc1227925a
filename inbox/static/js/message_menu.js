// What can be done with one bubble: answer it, react, copy, edit or take back one's own. One menu serves all bubbles.
import { copy } from "./copy.js";
import { place } from "./stream.js";
import { post, say } from "./post.js";

const me = document.body.dataset.agent;
const menu = () => document.getElementById("message-menu");
let item = null;

// The bubble is drawn for everybody: what its author may do is decided here, and by the server again.
function allowed(bubble) {
  const can = new Set((bubble.dataset.can || "").split(" "));
  if (bubble.dataset.agent !== me) { can.delete("edit"); can.delete("delete"); }
  if (bubble.classList.contains("in") || bubble.classList.contains("out")) can.add("answer");
  return can;
}

function open(button) {
  item = button.closest(".item");
  const can = allowed(button.closest(".msg"));
  for (const part of menu().querySelectorAll("[data-needs]")) part.hidden = !can.has(part.dataset.needs);
  menu().showPopover();
  const at = button.getBoundingClientRect();
  const box = menu().getBoundingClientRect();
  menu().style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.width - 8))}px`;
  menu().style.top = `${at.bottom + box.height > innerHeight ? Math.max(8, at.top - box.height) : at.bottom}px`;
  [...menu().querySelectorAll("button")].find((part) => part.checkVisibility())?.focus();
}

const text = () => item.querySelector(".bubble .text")?.textContent ?? "";
const address = (part = "") => `/messages/${item.dataset.id}${part}`;

async function change(part, values) {
  const answer = await post(address(part), values);
  if (answer?.ok) place(await answer.text());
  return answer?.ok;
}

export function answerTo(id, words) {
  const form = document.getElementById("composer");
  form.elements.reply_to_id.value = id;
  const strip = document.getElementById("answering");
  strip.querySelector("span").textContent = words;
  strip.hidden = !id;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) return open(button);
  if (event.target.closest("[data-answer-none]")) return answerTo("", "");
  const chosen = event.target.closest("#message-menu button");
  if (!chosen) return;
  menu().hidePopover();
  if (chosen.dataset.react !== undefined) change("/reaction", { emoji: chosen.dataset.react });
  else if (chosen.matches("[data-answer]")) { answerTo(item.dataset.id, text() || "…"); document.querySelector("#composer textarea").focus(); }
  else if (chosen.matches("[data-copy-text]")) copy(text()).then(() => say(chosen.dataset.done));
  else if (chosen.matches("[data-copy-link]")) copy(`${location.origin}/conversations/${item.parentElement.dataset.conversation}#${item.id}`).then(() => say(chosen.dataset.done));
  else if (chosen.matches("[data-edit]")) {
    const dialog = document.getElementById("edit-dialog");
    dialog.querySelector("textarea").value = text();
    dialog.showModal();
  } else if (chosen.matches("[data-delete]") && confirm(chosen.dataset.question)) change("/deletion", {});
});

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "edit-form") return;
  event.preventDefault();
  if (await change("", new FormData(event.target))) event.target.closest("dialog").close();
});

// The reply window closes while nothing else happens: the composer says so at its moment.
setInterval(() => {
  const state = document.getElementById("composer-state");
  if (!state?.dataset.until || state.dataset.writable === "no" || Date.now() < Number(state.dataset.until)) return;
  state.dataset.writable = "no";
  state.classList.add("warn");
  state.querySelector(".window-open").hidden = true;
  state.querySelector(".window-over").hidden = false;
  document.querySelector("#composer textarea").dispatchEvent(new Event("input", { bubbles: true }));
}, 5000);
