// The wallboard: a sound when a wait passes its target, and a look at the server now and then, because who left, and the
// last hour, change without a fact.
import { beep } from "./sound.js";
import { duration } from "./duration.js";
import { refresh } from "./stream.js";

const LOOK_MS = 30000;
const KEY = "wallboard-sound";
const button = document.querySelector("[data-wall-sound]");
let known = null;

const on = () => localStorage.getItem(KEY) === "on";
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

// What was late already when the page opened is no news.
function watch() {
  for (const shown of document.querySelectorAll("[data-elapsed]")) shown.textContent = duration((Date.now() - Number(shown.dataset.elapsed)) / 1000);
  const late = new Set([...document.querySelectorAll(".wall-waits .wait.late")].map((wait) => wait.closest("li").id));
  const fresh = known ? [...late].filter((id) => !known.has(id)) : [];
  known = late;
  if (!fresh.length) return;
  document.body.dataset.breaches = Number(document.body.dataset.breaches || 0) + fresh.length;
  if (on()) beep(660, 0.6);
}
setInterval(watch, 1000);
setInterval(() => refresh().catch(() => {}), LOOK_MS);
