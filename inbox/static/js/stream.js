// One WebSocket per tab. A frame is markup that the server drew from current state; after a gap the server replays or
// says "refresh", and then the page morphs itself from a normal GET. Without sockets the same page is polled.
import { morph, place, tell } from "./place.js";
export { place };
const OFFLINE_AFTER_MS = 5000;
const POLL_MS = 5000;
const SIGNED_OUT = 4001;
let cursor = Number(document.body.dataset.event || 0);
let [socket, failures, offlineTimer, over, reading] = [null, 0, 0, false, null];

const address = () => location.pathname + location.search;
const say = (message) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };
const where = () => say({ path: address(), since: cursor });
const signedOut = () => { over = true; tell("signed-out"); };

// Draw the page anew into itself: morphing keeps drafts, focus and scroll.
export const refresh = () => (reading ??= read().finally(() => { reading = null; }));
async function read() {
  const asked = address();
  const answer = await fetch(asked, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.redirected || answer.status === 401) return signedOut();
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (asked !== address()) return read();
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(fresh.id);
    if (shown) morph(shown, fresh);
  }
  const fresh = page.getElementById("timeline");
  const known = [...(fresh?.querySelectorAll(".item") ?? [])].some((item) => document.getElementById(item.id));
  if (fresh && !known) document.getElementById("timeline")?.replaceChildren(); // The gap is longer than a page.
  if (fresh) place(fresh.innerHTML);
  // Frames that came while the page was read may be newer than it: the server draws again what is.
  cursor = Number(page.body.dataset.event || cursor);
  where();
  tell("refreshed");
}

function apply(frame) {
  if (frame.refresh) return refresh().catch(() => online(false));
  if (frame.at && frame.at !== address()) return; // Drawn for the page that was left; the new one is replayed.
  if (frame.id < cursor) return; // On its way while the page was read anew, which shows more than it.
  if (frame.items) place(frame.items);
  if (frame.html) htmx.swap({ text: frame.html, target: document.body, swap: "none" });
  if (frame.id) cursor = frame.id;
  tell("frame", frame);
}

function online(yes) {
  if (yes) { clearTimeout(offlineTimer); offlineTimer = 0; return document.documentElement.removeAttribute("data-offline"); }
  offlineTimer ||= setTimeout(() => document.documentElement.setAttribute("data-offline", ""), OFFLINE_AFTER_MS);
}

function connect() {
  const query = new URLSearchParams({ since: cursor, path: address() });
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/stream?${query}`);
  socket.onopen = () => { failures = 0; online(true); say({ active: !document.hidden }); };
  socket.onmessage = (event) => apply(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === SIGNED_OUT) return signedOut();
    online(false);
    failures += 1;
    setTimeout(retry, (failures > 3 ? POLL_MS : 500 * 2 ** failures) * (0.5 + Math.random() / 2));
  };
}

// A server that restarts is met again within seconds; behind a proxy that refuses sockets the page is polled.
async function retry() {
  if (failures > 3) await refresh().then(() => online(true), () => online(false));
  if (!over) connect();
}

document.addEventListener("visibilitychange", () => say({ active: !document.hidden }));
document.addEventListener("htmx:after:history:update", where);
document.addEventListener("inbox:moved", (event) => { cursor = Math.min(cursor, event.detail ?? cursor); where(); });
document.addEventListener("inbox:typing", (event) => say({ typing: event.detail }));

if (document.body.dataset.event) connect();
