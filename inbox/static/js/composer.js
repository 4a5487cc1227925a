// The composer: drafts, files, templates, the optimistic bubble. The form works without it, only less kindly.
import { place } from "./stream.js";
import { upload } from "./uploads.js";
import { openPicker, pickerKey } from "./picker.js";
import { drop, keep, unsent } from "./unsent.js";

const form = () => document.getElementById("composer");
const field = (name) => form().elements[name];
const area = () => form().querySelector("textarea");
const draftKey = () => `draft.${form().dataset.conversation}`;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"];
let lastTyping = 0;

function newestSeen() {
  const ids = [...document.querySelectorAll("#timeline > .item:not(.pending)")].map((item) => Number(item.dataset.id));
  return Math.max(0, ...ids);
}

function keepDraft() {
  const draft = { text: area().value, kind: field("kind").value };
  if (draft.text) localStorage.setItem(draftKey(), JSON.stringify(draft)); else localStorage.removeItem(draftKey());
}

function setKind(kind) {
  field("kind").value = kind;
  form().classList.toggle("as-note", kind === "note");
  for (const tab of form().querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
  area().placeholder = area().dataset[kind === "note" ? "note" : "reply"];
  check();
}

// Count against the channel's limit, and close the box when the client cannot be reached.
function check() {
  const state = document.getElementById("composer-state");
  const note = field("kind").value === "note";
  const most = Number(state?.dataset.max || 0);
  const length = [...area().value].length;
  const count = document.getElementById("count");
  count.textContent = most && length > most * 0.8 && !note ? `${length} / ${most}` : "";
  form().querySelector("[data-send]").disabled = !note && state?.dataset.writable === "no";
}

function restore() {
  if (!form()) return;
  const kept = localStorage.getItem(draftKey());
  const draft = kept ? JSON.parse(kept) : { text: "", kind: "outgoing" };
  area().value = draft.text;
  setKind(draft.kind);
  const conversation = form().dataset.conversation;
  for (const data of unsent(conversation)) {
    if (document.getElementById(`m-${data.get("client_id")}`)) drop(conversation, data);
    else deliver(data, bubble(data));
  }
}

function fail(text) {
  const box = form().querySelector(".composer-error");
  box.textContent = text;
  box.hidden = !text;
}

function tokens() {
  return [...document.querySelectorAll("#pending-files [data-token]")].map((item) => item.dataset.token);
}

function bubble(data) {
  const item = document.getElementById("pending-bubble").content.firstElementChild.cloneNode(true);
  item.id = `m-${data.get("client_id")}`;
  item.querySelector(".text").textContent = data.get("text") || "📎";
  if (data.get("kind") === "note") item.querySelector(".msg").className = "msg note first end";
  document.getElementById("timeline").append(item);
  document.getElementById("log").scrollTop = document.getElementById("log").scrollHeight;
  return item;
}

async function deliver(data, item) {
  const target = form().action;
  const conversation = form().dataset.conversation;
  keep(conversation, data);
  item.querySelector(".msg").classList.remove("failed");
  item.querySelector(".why").hidden = true;
  try {
    const answer = await fetch(target, { method: "POST", body: data, headers: { "HX-Request": "true", "X-CSRF-Token": csrf() } });
    const body = await answer.text();
    if (answer.ok || answer.status === 409) drop(conversation, data);
    // The agent may be in another dialog by now: its timeline is not the place for this bubble.
    if (!item.isConnected) return;
    if (answer.ok) return place(body);
    if (answer.status === 409) { item.remove(); return conflict(body, data); }
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("inbox:signed-out"));
    broken(item, data, answer.status === 401 ? document.querySelector(".signed-out span").textContent : words(body));
  } catch {
    broken(item, data, document.querySelector(".offline span").textContent);
  }
}

function words(markup) {
  const box = document.createElement("template");
  box.innerHTML = markup;
  return box.content.textContent.trim();
}

function broken(item, data, text) {
  const why = item.querySelector(".why");
  item.querySelector(".msg").classList.add("failed");
  why.hidden = false;
  why.querySelector("span").textContent = text;
  why.querySelector("[data-resend]").onclick = () => deliver(data, item);
  why.querySelector("[data-discard]").onclick = () => { drop(form().dataset.conversation, data); item.remove(); };
  // The same client id makes the repeat harmless: a message that did arrive is not stored twice.
  window.addEventListener("online", () => { if (item.isConnected && !why.hidden) deliver(data, item); }, { once: true });
}

// Somebody answered meanwhile: the text goes back into the box, and the agent decides.
function conflict(markup, data) {
  const box = document.getElementById("conflict");
  const answered = () => { area().value = ""; keepDraft(); check(); box.hidden = true; };
  area().value = data.get("text");
  keepDraft();
  box.innerHTML = markup;
  box.hidden = false;
  box.querySelector("[data-drop]").onclick = answered;
  box.querySelector("[data-force]").onclick = () => {
    data.set("text", area().value.trim());
    data.set("force", "yes");
    answered();
    deliver(data, bubble(data));
  };
}

function send({ resolve = false } = {}) {
  const text = area().value.trim();
  if (!text && !tokens().length && !field("reply_template_id").value) return fail(form().dataset.empty ?? "");
  if (document.querySelector("#pending-files [data-progress]")) return;
  fail("");
  const clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const data = new URLSearchParams({
    client_id: clientId, kind: field("kind").value, text, seen_message_id: newestSeen(),
    reply_template_id: field("reply_template_id").value, force: "", resolve: resolve ? "yes" : "",
  });
  for (const token of tokens()) data.append("file", token);
  const item = bubble(data);
  area().value = "";
  field("reply_template_id").value = "";
  document.getElementById("pending-files").replaceChildren();
  document.getElementById("pending-files").hidden = true;
  keepDraft();
  check();
  document.dispatchEvent(new CustomEvent("inbox:typing", { detail: false }));
  deliver(data, item);
  area().focus();
}

export function insert(text) {
  const box = area();
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

document.addEventListener("input", (event) => {
  if (event.target !== form()?.querySelector("textarea")) return;
  keepDraft();
  check();
  if (field("kind").value !== "note" && Date.now() - lastTyping > 3000) {
    lastTyping = Date.now();
    document.dispatchEvent(new CustomEvent("inbox:typing", { detail: true }));
  }
  openPicker(area());
});

document.addEventListener("keydown", (event) => {
  if (event.target !== form()?.querySelector("textarea")) return;
  if (pickerKey(event)) return;
  const wantsSend = event.key === "Enter" && !event.shiftKey && !event.isComposing;
  if (wantsSend) { event.preventDefault(); send(); }
  if (event.key === "Escape") area().blur();
});

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  send();
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest(".composer [role=tab]");
  if (tab) { setKind(tab.dataset.kind); area().focus(); }
  if (event.target.closest("[data-send-resolve]")) send({ resolve: true });
  const sign = event.target.closest("[data-emoji]");
  if (sign) { insert(sign.textContent); document.getElementById("emoji").hidePopover(); }
  if (event.target.closest("[data-templates]")) { area().focus(); if (!area().value.startsWith("/")) insert("/"); openPicker(area()); }
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".composer input[type=file]")) { upload(event.target.files); event.target.value = ""; }
});
document.addEventListener("paste", (event) => {
  if (event.target.closest?.(".composer") && event.clipboardData.files.length) { event.preventDefault(); upload(event.clipboardData.files); }
});
document.addEventListener("dragover", (event) => {
  if (form() && event.dataTransfer?.types.includes("Files")) { event.preventDefault(); document.getElementById("main").classList.add("dropping"); }
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.getElementById("main")?.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  document.getElementById("main")?.classList.remove("dropping");
  if (!form() || !event.dataTransfer.files.length) return;
  event.preventDefault();
  upload(event.dataTransfer.files);
});
document.addEventListener("inbox:opened", restore);
document.addEventListener("inbox:frame", () => form() && check());
