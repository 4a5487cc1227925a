// One WebSocket per tab. A frame is markup that the server drew from current state; after a gap the server replays or
// says "refresh", and then the page morphs itself from a normal GET. Without sockets the same page is polled.
const OFFLINE_AFTER_MS = 5000, POLL_MS = 5000, SIGNED_OUT = 4001;

let cursor = Number(document.body.dataset.event || 0);
let socket = null, failures = 0, opened = false, offlineTimer = 0;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`inbox:${name}`, { detail }));
const address = () => location.pathname + location.search;
const say = (message) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };

// Draw the page anew into itself: morphing keeps drafts, focus and scroll.
export async function refresh() {
  const answer = await fetch(address(), { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.redirected || answer.status === 401) return tell("signed-out");
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  cursor = Number(page.body.dataset.event || cursor);
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(fresh.id);
    if (shown) htmx.swap({ text: fresh.outerHTML, target: shown, swap: "outerMorph" });
  }
  tell("refreshed");
}

// Messages stand in the order of their ids; one that is there already is redrawn in place.
export function place(markup) {
  tell("before-place");
  const list = document.getElementById("timeline");
  const box = Object.assign(document.createElement("template"), { innerHTML: markup });
  for (const item of list ? [...box.content.children] : []) {
    const shown = document.getElementById(item.id);
    const below = [...list.children].find((other) => Number(other.dataset.id) > Number(item.dataset.id));
    if (shown) htmx.swap({ text: item.outerHTML, target: shown, swap: "outerMorph" });
    else { list.insertBefore(item, below ?? null); htmx.process(item); }
  }
  tell("placed");
}

function apply(frame) {
  if (frame.refresh) return refresh();
  if (frame.items) place(frame.items);
  if (frame.html) htmx.swap({ text: frame.html, target: document.body, swap: "none" });
  if (frame.id) cursor = frame.id;
  tell("frame", frame);
}

function online(yes) {
  clearTimeout(offlineTimer);
  if (yes) return document.documentElement.removeAttribute("data-offline");
  offlineTimer = setTimeout(() => document.documentElement.setAttribute("data-offline", ""), OFFLINE_AFTER_MS);
}

function connect() {
  const query = new URLSearchParams({ since: cursor, path: address() });
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/stream?${query}`);
  socket.onopen = () => { opened = true; failures = 0; online(true); say({ active: !document.hidden }); };
  socket.onmessage = (event) => apply(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === SIGNED_OUT) return tell("signed-out");
    online(false);
    failures += 1;
    // A proxy that refuses sockets is answered by polling; a server that restarts is met again within seconds.
    if (!opened && failures > 3) return poll();
    setTimeout(connect, Math.min(500 * 2 ** failures, 15000) * (0.5 + Math.random() / 2));
  };
}

async function poll() {
  try { await refresh(); online(true); } catch { online(false); }
  setTimeout(poll, POLL_MS);
}

document.addEventListener("visibilitychange", () => say({ active: !document.hidden }));
for (const moved of ["htmx:after:history:update", "inbox:moved"])
  document.addEventListener(moved, () => say({ path: address(), since: cursor }));
document.addEventListener("inbox:typing", (event) => say({ typing: event.detail }));
window.addEventListener("online", () => { if (socket?.readyState === WebSocket.CLOSED) connect(); });

if (document.body.dataset.event) connect();
