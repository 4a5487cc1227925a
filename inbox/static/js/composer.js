// The composer: drafts, files, templates, the optimistic bubble. The form works without it, only less kindly.
import { place, tell } from "./place.js";
import { show, upload } from "./uploads.js";
import { openPicker, pickerKey } from "./picker.js";
import { mentionKey, openMentions } from "./mentions.js";
import { draft, keepDraft } from "./drafts.js";
import { drop, everywhere, keep, unsent } from "./unsent.js";

const form = () => document.getElementById("composer");
const field = (name) => form().elements[name];
const area = () => form().querySelector("textarea");
const opened = () => form()?.dataset.conversation;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"];
const RETRY_MS = 5000;
let lastTyping = 0;

function newestSeen() {
  const ids = [...document.querySelectorAll("#timeline > .item:not(.pending)")].map((item) => Number(item.dataset.id));
  return Math.max(0, ...ids);
}

const files = () => [...document.querySelectorAll("#pending-files [data-token]")].map((item) => ({ token: item.dataset.token, name: item.title }));
const sentFiles = (data) => data.getAll("file").map((token, place) => ({ token, name: data.getAll("file_name")[place] }));
const begun = () => keepDraft(opened(), { text: area().value, kind: field("kind").value, files: files() });

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
  const kept = draft(opened());
  area().value = kept.text;
  for (const file of kept.files) show(file.name, file.token);
  setKind(kept.kind);
  for (const data of unsent(opened())) {
    if (document.getElementById(`m-${data.get("client_id")}`)) drop(opened(), data);
    else deliver(opened(), data, bubble(data));
  }
}

// Messages of other dialogs that did not get through before: they go now, without their dialog being opened.
function sendLeftBehind() {
  for (const [conversation, data] of everywhere()) if (conversation !== opened()) deliver(conversation, data, made(data));
}

function fail(text) {
  const box = form().querySelector(".composer-error");
  box.textContent = text;
  box.hidden = !text;
}

function made(data) {
  const item = document.getElementById("pending-bubble").content.firstElementChild.cloneNode(true);
  item.id = `m-${data.get("client_id")}`;
  item.querySelector(".text").textContent = [data.get("text"), ...data.getAll("file_name")].filter(Boolean).join("\n");
  if (data.get("kind") === "note") item.querySelector(".msg").className = "msg note first end";
  return item;
}

function bubble(data) {
  const item = made(data);
  document.getElementById("timeline").append(item);
  document.getElementById("log").scrollTop = document.getElementById("log").scrollHeight;
  return item;
}

async function deliver(conversation, data, item) {
  const target = `/conversations/${conversation}/messages`;
  keep(conversation, data);
  item.querySelector(".msg").classList.remove("failed");
  item.querySelector(".why").hidden = true;
  try {
    const answer = await fetch(target, { method: "POST", body: data, headers: { "HX-Request": "true", "X-CSRF-Token": csrf() } });
    const body = await answer.text();
    if (answer.ok || answer.status === 409) drop(conversation, data);
    if (answer.ok && data.get("resolve")) tell("resolved", `/conversations/${conversation}/resolution`);
    // The agent may be in another dialog by now: its timeline and its box are not the place for this message.
    if (answer.ok) return item.isConnected && place(body);
    if (answer.status === 409) {
      if (!item.isConnected) return keepDraft(conversation, { text: data.get("text"), kind: data.get("kind"), files: sentFiles(data) });
      item.remove();
      return conflict(body, data);
    }
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("inbox:signed-out"));
    broken(conversation, data, item, answer.status === 401 ? document.querySelector(".signed-out span").textContent : words(body));
  } catch {
    broken(conversation, data, item, document.querySelector(".offline span").textContent);
    // The same client id makes the repeat harmless: a message that did arrive is not stored twice.
    setTimeout(() => { if (!item.querySelector(".why").hidden && left(conversation, data)) deliver(conversation, data, item); }, RETRY_MS);
  }
}

function words(markup) {
  const box = document.createElement("template");
  box.innerHTML = markup;
  return box.content.textContent.trim();
}

const left = (conversation, data) => unsent(conversation).some((one) => one.get("client_id") === data.get("client_id"));

function broken(conversation, data, item, text) {
  const why = item.querySelector(".why");
  item.querySelector(".msg").classList.add("failed");
  why.hidden = false;
  why.querySelector("span").textContent = text;
  why.querySelector("[data-resend]").onclick = () => deliver(conversation, data, item);
  why.querySelector("[data-discard]").onclick = () => { drop(conversation, data); item.remove(); };
}

function attach(data, chosen) {
  data.delete("file");
  data.delete("file_name");
  for (const { token, name } of chosen) { data.append("file", token); data.append("file_name", name); }
}

function emptyBox() {
  area().value = "";
  document.getElementById("pending-files").replaceChildren();
  document.getElementById("pending-files").hidden = true;
  begun();
  check();
}

// Somebody answered meanwhile: text and files go back into the box, and the agent decides.
function conflict(markup, data) {
  const box = document.getElementById("conflict");
  const answered = () => { emptyBox(); box.hidden = true; };
  area().value = data.get("text");
  for (const { token, name } of sentFiles(data)) show(name, token);
  begun();
  box.innerHTML = markup;
  box.hidden = false;
  box.querySelector("[data-drop]").onclick = answered;
  box.querySelector("[data-force]").onclick = () => {
    data.set("text", area().value.trim());
    attach(data, files());
    data.set("force", "yes");
    answered();
    deliver(opened(), data, bubble(data));
  };
}

function send({ resolve = false } = {}) {
  const text = area().value.trim();
  if (!text && !files().length && !field("reply_template_id").value) return;
  if (document.querySelector("#pending-files [data-progress]")) return;
  fail("");
  const clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const data = new URLSearchParams({
    client_id: clientId, kind: field("kind").value, text, seen_message_id: newestSeen(),
    reply_template_id: field("reply_template_id").value, force: "", resolve: resolve ? "yes" : "",
    reply_to_id: field("kind").value === "note" ? "" : field("reply_to_id").value,
  });
  // The lines of a letter, in channels that have them.
  for (const name of ["subject", "cc", "bcc"]) if (field(name)) data.set(name, field(name).value);
  attach(data, files());
  const item = bubble(data);
  field("reply_template_id").value = "";
  document.querySelector("[data-answer-none]").click();
  emptyBox();
  document.dispatchEvent(new CustomEvent("inbox:typing", { detail: false }));
  deliver(opened(), data, item);
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
  begun();
  check();
  if (field("kind").value !== "note" && Date.now() - lastTyping > 3000) {
    lastTyping = Date.now();
    document.dispatchEvent(new CustomEvent("inbox:typing", { detail: true }));
  }
  openPicker(area());
  openMentions(area(), field("kind").value === "note");
});

document.addEventListener("keydown", (event) => {
  if (event.target !== form()?.querySelector("textarea")) return;
  if (pickerKey(event) || mentionKey(event)) return;
  // A keyboard on glass has no Shift+Enter: there Enter begins a line, and the button sends.
  const plain = !event.shiftKey && !matchMedia("(pointer: coarse)").matches;
  const wantsSend = event.key === "Enter" && (plain || event.ctrlKey || event.metaKey) && !event.isComposing;
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
document.addEventListener("inbox:opened", sendLeftBehind, { once: true });
document.addEventListener("inbox:uploaded", ({ detail }) => {
  if (detail.conversation === opened()) return begun();
  const kept = draft(detail.conversation);
  keepDraft(detail.conversation, { ...kept, files: [...kept.files, { token: detail.token, name: detail.name }] });
});
document.addEventListener("inbox:frame", () => form() && check());
