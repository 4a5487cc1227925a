// The three panes: opening dialogs without a reload, marking what is open and mine, scrolling, sound and title.
import "./approved.js";
import "./composer.js";
import "./earlier.js";
import "./message_menu.js";
import "./notify.js";
import { markDraft } from "./drafts.js";
import { post, say } from "./post.js";
import { place, tell } from "./place.js";

const me = document.body.dataset.agent;
const log = () => document.getElementById("log");
const panes = () => document.getElementById("panes");
const nearEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 100;

function toEnd() { const box = log(); if (box) box.scrollTop = box.scrollHeight; }

// Rows and bubbles are drawn for everybody; what is mine or open is marked here.
function mark() {
  const open = panes()?.dataset.conversation;
  for (const row of document.querySelectorAll(".row")) {
    const current = row.parentElement.dataset.conversation === open;
    if (current) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    markDraft(row, open);
  }
  const head = document.getElementById("dialog-head");
  head?.classList.toggle("mine", head.dataset.assignee === me);
  for (const avatar of document.querySelectorAll(".avatar[data-agent]")) avatar.classList.toggle("me", avatar.dataset.agent === me);
  for (const author of document.querySelectorAll(".by[data-author]")) if (author.dataset.author === me) author.textContent = `${document.body.dataset.you}:`;
  seeMention(open);
  title();
}

// Where a colleague named me, until I have the dialog in front of me.
let telling = null;
function seeMention(open) {
  const named = (document.getElementById("queue-list")?.dataset.mentions ?? "").split(" ");
  for (const row of document.querySelectorAll(".row")) row.classList.toggle("named", named.includes(row.parentElement.dataset.conversation));
  if (open && named.includes(open) && !document.hidden) telling ??= post(`/conversations/${open}/mentions`, {}).finally(() => { telling = null; });
}
document.addEventListener("visibilitychange", () => seeMention(panes()?.dataset.conversation));

function title() {
  const count = Number(document.getElementById("rail-count")?.dataset.count || 0);
  document.title = document.title.replace(/^\(\d+\) /, "").replace(/^/, count ? `(${count}) ` : "");
}

// The view and filter of the list stay in the address of the dialog.
function addressOf(conversation) {
  const query = new URLSearchParams(location.search);
  const view = location.pathname.startsWith("/inbox/") ? location.pathname.slice(7) : query.get("view");
  if (view) query.set("view", view);
  query.delete("after");
  return `/conversations/${conversation}?${query}`;
}

function queueAddress() {
  const query = new URLSearchParams(location.search);
  const view = query.get("view") ?? "waiting";
  query.delete("view");
  return `/inbox/${view}${query.size ? `?${query}` : ""}`;
}

// Another dialog, or none, in the two right panes. Of two quick steps the later one wins, whichever answer comes first.
let step = 0;
let shown = location.pathname + location.search;
async function go(address, push = true) {
  const mine = ++step;
  panes().classList.add("loading");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const text = await answer.text();
    if (mine !== step) return;
    if (answer.redirected || answer.status === 401) return document.dispatchEvent(new CustomEvent("inbox:signed-out"));
    if (!answer.ok) return location.assign(address);
    show(new DOMParser().parseFromString(text, "text/html"), address, push);
  } catch {
    say(document.querySelector(".offline span").textContent);
  } finally {
    if (mine === step) { panes().classList.remove("loading"); mark(); }
  }
}

function show(page, address, push) {
  if (push) history.pushState({}, "", address);
  shown = location.pathname + location.search;
  panes().replaceWith(page.getElementById("panes"));
  document.documentElement.dataset.pane = page.documentElement.dataset.pane;
  document.title = page.title;
  htmx.process(panes());
  arrived();
  document.dispatchEvent(new CustomEvent("inbox:moved", { detail: Number(page.body.dataset.event) }));
}

function arrived() {
  mark();
  toEnd();
  document.dispatchEvent(new CustomEvent("inbox:opened"));
  const box = log();
  box?.addEventListener("scroll", () => { if (nearEnd(box)) document.getElementById("to-end").hidden = true; }, { passive: true });
}

document.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    for (const other of document.querySelectorAll(".row[aria-current]")) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    go(addressOf(row.parentElement.dataset.conversation));
  }
  if (event.target.closest("[data-back]")) {
    event.preventDefault();
    document.documentElement.dataset.pane = "queue";
    go(queueAddress());
  }
  const found = event.target.closest("#search-results a[data-conversation]");
  if (found && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    document.getElementById("search").close();
    go(addressOf(found.dataset.conversation) + found.hash);
  }
  if (event.target.closest("#to-end")) { toEnd(); event.target.closest("#to-end").hidden = true; }
  if (event.target.closest("a[href='#why']")) {
    event.preventDefault();
    const card = document.getElementById("card");
    if (!card.checkVisibility()) card.showPopover();
    document.getElementById("why")?.setAttribute("open", "");
    document.getElementById("why")?.scrollIntoView({ block: "nearest" });
  }
});

// A quotation's link only moves within the dialog that is open.
window.addEventListener("popstate", () => { if (shown !== location.pathname + location.search) go(location.pathname + location.search, false); });

// J and K walk the list.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const step = { KeyJ: 1, KeyK: -1 }[event.code];
  if (step && !document.querySelector("dialog:modal")) walk(step);
});

function walk(step) {
  const rows = [...document.querySelectorAll("#rows .row")];
  const now = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[now === -1 ? 0 : now + step];
  if (next) { next.scrollIntoView({ block: "nearest" }); next.click(); }
}

let atEnd = true;
document.addEventListener("inbox:before-place", () => { const box = log(); atEnd = !box || nearEnd(box); });
document.addEventListener("inbox:placed", () => {
  if (atEnd) toEnd(); else document.getElementById("to-end").hidden = false;
});
document.addEventListener("inbox:frame", mark);
document.addEventListener("inbox:refreshed", mark);

// A form that stays on the page: its change comes back by the stream.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-stay]");
  if (!form) return;
  event.preventDefault();
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  const before = typed();
  const answer = await post(form.action, new FormData(form, event.submitter));
  if (!answer?.ok) return;
  form.closest("dialog")?.close();
  if (typed() === before) form.reset(); // What was typed meanwhile is the next thing.
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-post]");
  if (!button) return;
  const data = new FormData();
  data.set(button.dataset.name ?? "status", button.dataset.value ?? me);
  button.closest("dialog")?.close();
  const answer = await post(button.dataset.post, data);
  if (answer?.ok && button.dataset.post.endsWith("/resolution") && button.dataset.value !== "open") tell("resolved", button.dataset.post);
});

// What was resolved is done with: the client who waits longest is one step away, and so is the way back.
document.addEventListener("inbox:resolved", ({ detail }) => {
  const note = document.getElementById("resolved-note").content.cloneNode(true);
  note.querySelector("[data-value=open]").dataset.post = detail;
  note.querySelector("[data-next]").onclick = () => walk(1);
  say(note);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-retry], [data-arrived]");
  if (!button) return;
  const data = new FormData();
  if (button.dataset.arrived) data.set("arrived", "yes");
  const answer = await post(`/deliveries/${button.dataset.retry ?? button.dataset.arrived}`, data);
  if (answer?.ok) place(await answer.text());
});

document.body.addEventListener("inbox:saved", () => document.getElementById("contact-dialog").close());
arrived();
