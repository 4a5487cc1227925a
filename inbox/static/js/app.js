// Every page of staff: ticking waits, menus, copying, shortcuts, the help sheet. No state lives here.
import "./search.js";
import "./stream.js";
import { copy } from "./copy.js";
import { duration } from "./duration.js";

function tick() {
  for (const wait of document.querySelectorAll(".wait[data-since]")) {
    const seconds = (Date.now() - Number(wait.dataset.since)) / 1000;
    const target = Number(wait.dataset.target) || 300;
    const level = seconds > target ? "late" : seconds * 3 > target * 2 ? "warn" : "ok";
    if (!wait.classList.contains(level)) { wait.classList.remove("ok", "warn", "late"); wait.classList.add(level); }
    wait.querySelector(".wait-words").textContent = duration(seconds);
    wait.querySelector(".fill")?.setAttribute("stroke-dasharray", `${Math.min(100, Math.floor((seconds * 100) / target))} 100`);
  }
  for (const due of document.querySelectorAll(".due[data-due]")) {
    const left = (Number(due.dataset.due) - Date.now()) / 1000;
    const level = left < 0 ? "late" : left * 5 <= Number(due.dataset.target) ? "warn" : "ok";
    if (!due.classList.contains(level)) { due.classList.remove("ok", "warn", "late"); due.classList.add(level); }
    due.querySelector(".due-words").textContent = `${left < 0 ? "−" : ""}${duration(Math.abs(left))}`;
  }
}
setInterval(tick, 1000);
tick();

// `content` is a text, or markup with buttons, which stays for longer.
export function toast(content) {
  const box = document.createElement("p");
  box.append(content);
  box.addEventListener("click", (event) => { if (event.target.closest("button")) box.remove(); });
  // An offer is about what was done last: the one before it is over.
  if (box.querySelector("button")) document.querySelector("#toasts p:has(button)")?.remove();
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), box.querySelector("button") ? 10000 : 5000);
}

document.addEventListener("click", async (event) => {
  const copied = event.target.closest("[data-copy]");
  if (copied) {
    await copy(document.querySelector(copied.dataset.copy).textContent.trim());
    toast(copied.dataset.done);
  }
  if (event.target.closest("[data-help]")) document.getElementById("help").showModal();
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    opener.closest("dialog")?.close();
    document.getElementById(opener.dataset.dialog).showModal();
  }
  if (event.target.matches("dialog")) event.target.close(); // The backdrop: what a dialog holds covers all of it.
  const confirmed = event.target.closest("[data-confirm]");
  if (confirmed && !window.confirm(confirmed.dataset.confirm)) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-allow-notifications]");
  if (button) toast(await window.Notification?.requestPermission() === "granted" ? button.dataset.allowed : button.dataset.refused);
});

// Whoever writes in a part that one choice is for has made that choice.
document.addEventListener("input", (event) => {
  const part = event.target.closest("[data-chooses]");
  if (part) document.getElementById(part.dataset.chooses).checked = true;
});

document.querySelector(".subnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A form that was kept leads back to its page with this mark.
if (/(^|; )saved=yes/.test(document.cookie)) {
  document.cookie = "saved=; Max-Age=0; Path=/; SameSite=Lax";
  toast(document.body.dataset.saved);
}

document.addEventListener("inbox:signed-out", () => {
  const banner = document.querySelector(".signed-out");
  banner.querySelector("a").href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  banner.hidden = false;
});
document.body.addEventListener("inbox:toast", (event) => toast(event.detail.value ?? event.detail));

// Shortcuts: an element says its key in data-key ("e", "ctrl+k", "g i"); typing in a field switches them off.
let pending = "";
function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
// A Russian layout sends Cyrillic in event.key; the place of the key is what the help sheet names.
function keyOf(event) {
  if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
  return event.code === "Slash" && !event.shiftKey ? "/" : event.key;
}
// Up and down walk what a menu or a list of choices offers.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = step && event.target.matches(".item, [role=menuitem]") && event.target.closest(".menu, .people");
  if (!list) return;
  event.preventDefault();
  const items = [...list.querySelectorAll(".item, [role=menuitem]")].filter((item) => item.checkVisibility());
  items.at((items.indexOf(event.target) + step) % items.length).focus();
});

document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey;
  if (event.altKey || (typing(event.target) && !control)) return;
  const key = (control ? "ctrl+" : "") + keyOf(event);
  if (event.key === "?" || (event.shiftKey && event.code === "Slash")) { document.getElementById("help").showModal(); return event.preventDefault(); }
  const wanted = pending ? `${pending} ${key}` : key;
  pending = !control && key === "g" && !pending ? "g" : "";
  // Behind an open dialog nothing answers to a key: what it would change cannot be seen.
  const place = document.querySelector("dialog:modal") ?? document;
  const element = [...place.querySelectorAll("[data-key]")].find((candidate) => candidate.dataset.key === wanted && candidate.checkVisibility());
  if (!element) return;
  event.preventDefault();
  if (/^(INPUT|TEXTAREA)$/.test(element.tagName)) element.focus(); else element.click();
});
