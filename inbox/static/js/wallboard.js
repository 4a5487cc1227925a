// The wallboard: a sound when a target is missed, and a look at the server now and then, because who left, and the
// last hour, change without a fact.
import { beep } from "./sound.js";
import { duration } from "./duration.js";
import { refresh } from "./stream.js";

const LOOK_MS = 30000;
const KEY = "wallboard-sound";
const button = document.querySelector("[data-wall-sound]");
let known = null;
let red = null;

const on = () => localStorage.getItem(KEY) === "on";
const look = () => refresh().catch(() => {});
const show = () => button.setAttribute("aria-pressed", String(on()));
button.addEventListener("click", () => {
  localStorage.setItem(KEY, on() ? "off" : "on");
  show();
  if (on()) beep();
});
show();

document.querySelector("[data-wall-full]").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen();
});

// A wait turns red by this page's clock; whether a target is missed the server says, and its figure is what sounds.
// What was missed already when the page opened is no news.
function watch() {
  for (const shown of document.querySelectorAll("[data-elapsed]")) shown.textContent = duration((Date.now() - Number(shown.dataset.elapsed)) / 1000);
  const late = new Set([...document.querySelectorAll(".wall-waits .wait.late")].map((wait) => wait.closest("li").id));
  if (red && [...late].some((id) => !red.has(id))) look();
  red = late;
  const { breaches, lastBreach } = document.querySelector("[data-breaches]").dataset;
  const fresh = known && (Number(breaches) > known.breaches || Number(lastBreach) > known.lastBreach);
  known = { breaches: Number(breaches), lastBreach: Number(lastBreach) };
  if (!fresh) return;
  document.body.dataset.sounded = Number(document.body.dataset.sounded || 0) + 1;
  if (on()) beep(660, 0.6);
}
setInterval(watch, 1000);
setInterval(look, LOOK_MS);
