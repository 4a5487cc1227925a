// The three panes: opening dialogs without a reload, marking what is open and mine, scrolling, sound and title.
import "./composer.js";
import "./notify.js";
import { place } from "./stream.js";

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
  }
  for (const avatar of document.querySelectorAll(".avatar[data-agent]")) avatar.classList.toggle("me", avatar.dataset.agent === me);
  for (const author of document.querySelectorAll(".by[data-author]")) if (author.dataset.author === me) author.textContent = document.body.dataset.language === "ru" ? "Вы:" : "You:";
  title();
}

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

async function open(conversation, push = true) {
  const address = addressOf(conversation);
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 401) return document.dispatchEvent(new CustomEvent("inbox:signed-out"));
  if (!answer.ok) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (push) history.pushState({ conversation }, "", address);
  panes().replaceWith(page.getElementById("panes"));
  document.documentElement.dataset.pane = "dialog";
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
    open(row.parentElement.dataset.conversation);
  }
  if (event.target.closest("[data-back]")) { event.preventDefault(); document.documentElement.dataset.pane = "queue"; }
  if (event.target.closest("#to-end")) { toEnd(); event.target.closest("#to-end").hidden = true; }
  if (event.target.closest("a[href='#why']")) document.getElementById("why")?.setAttribute("open", "");
});

window.addEventListener("popstate", () => location.reload());

// J and K walk the list.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const step = { KeyJ: 1, KeyK: -1 }[event.code];
  if (!step) return;
  const rows = [...document.querySelectorAll("#rows .row")];
  const now = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[now === -1 ? 0 : now + step];
  if (next) { next.scrollIntoView({ block: "nearest" }); next.click(); }
});

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
  const data = new FormData(form, event.submitter);
  await post(form.action, data);
  form.closest("dialog")?.close();
  form.reset();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-post]");
  if (!button) return;
  const data = new FormData();
  data.set("status", button.dataset.value);
  post(button.dataset.post, data);
  button.closest("dialog")?.close();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-retry], [data-arrived]");
  if (!button) return;
  const data = new FormData();
  if (button.dataset.arrived) data.set("arrived", "yes");
  const answer = await post(`/deliveries/${button.dataset.retry ?? button.dataset.arrived}`, data);
  if (answer?.ok) place(await answer.text());
});

export async function post(address, data) {
  const headers = { "HX-Request": "true", "X-CSRF-Token": JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"] };
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(data), headers });
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("inbox:signed-out"));
    else if (!answer.ok) {
      const box = document.createElement("div");
      box.innerHTML = await answer.clone().text();
      document.body.dispatchEvent(new CustomEvent("inbox:toast", { detail: box.textContent.trim() }));
    }
    return answer;
  } catch {
    document.body.dispatchEvent(new CustomEvent("inbox:toast", { detail: document.querySelector(".offline span").textContent }));
    return null;
  }
}

document.body.addEventListener("inbox:saved", () => document.getElementById("contact-dialog").close());
arrived();
