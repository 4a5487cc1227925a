// The line to the server: one WebSocket, or long polling where sockets do not pass. What was written stays in the
// outbox until the server has accepted it; the server knows a message by its client_id and keeps it once.
const SLOW_MS = 30000;
const ANSWER_MS = 10000;
const PING_MS = 40000;
const POLL_MS = 45000;
const SOCKETS_AGAIN_MS = 300000;
let socket = null;
let polling = 0;
let welcomed = false;
let failures = 0;
let opened = false;
let retryTimer = 0;
let answerTimer = 0;
let about = {};
let revision = "";
// Until the site has introduced us, and after a refusal.
let stopped = true;
let asking = false;
let posts = Promise.resolve();
const awaited = new Set();

const outbox = () => recall("outbox", []);
const newest = () => Math.max(0, ...Array.from(messages.values(), (message) => message.id || 0));

function hello() {
  const { page, referrer, first, last, metrica, identity } = about;
  return {
    type: "hello", v: 1, key, site, token: recall("token"), since: newest(), rev: revision, page, referrer, first, last, metrica, identity,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, language,
  };
}

function connect() {
  clearTimeout(retryTimer);
  if (stopped) return;
  if (polling) return poll();
  if (socket) return;
  opened = false;
  const line = (socket = new WebSocket(socketUrl));
  line.onopen = () => { opened = true; line.send(JSON.stringify(hello())); };
  line.onmessage = ({ data }) => { if (line === socket) hear(JSON.parse(data)); };
  line.onclose = () => { if (line === socket) drop(); };
  watch();
}

// A line can be dead without having closed, and a dead one takes long to close: when no answer comes, leave it at once.
function watch() {
  clearTimeout(answerTimer);
  answerTimer = setTimeout(() => (polling ? outbox().filter((frame) => awaited.has(frame.client_id)).forEach(transmit) : drop()), ANSWER_MS);
}

function drop() {
  const line = socket;
  socket = null;
  line?.close();
  // Some networks let no socket through: after two failures to open one, poll.
  if (!opened && navigator.onLine && ++failures > 1) polling = Date.now();
  lost();
}

function lost(seconds) {
  welcomed = false;
  revision = "";
  clearTimeout(answerTimer);
  clearTimeout(retryTimer);
  if (stopped) return;
  failures += opened ? 1 : 0;
  const pause = seconds ? seconds * 1000 : Math.min(SLOW_MS, 500 * 2 ** failures) * (0.5 + Math.random());
  // "Offline" is not always true: try now and then all the same.
  retryTimer = setTimeout(connect, navigator.onLine ? pause : SLOW_MS);
  showLine(false);
}

async function post(path, body, most) {
  const headers = { "Content-Type": "application/json" };
  if (recall("token")) headers.Authorization = "Bearer " + recall("token");
  const answer = await fetch("/widget/v1/" + path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout?.(most) });
  const told = await answer.json();
  for (const frame of told.frames || []) hear(frame);
  if (told.code) throw told;
}

async function poll() {
  if (asking) return;
  asking = true;
  try {
    await post("poll", hello(), POLL_MS);
    // The network may have become another one meanwhile; one more failure to open a socket comes back here.
    if (Date.now() - polling > SOCKETS_AGAIN_MS) polling = 0;
    failures = polling ? 0 : 1;
    retryTimer = setTimeout(connect, 50);
    showLine(true);
  } catch (error) {
    failures += 1;
    // Nobody answered at all: it was not the sockets, begin anew with one.
    if (!refused(error)) polling = 0;
    lost(error.retry_after);
  }
  asking = false;
}

// Whether the server itself said no; then its words are shown.
function refused(error, client_id) {
  if (typeof error.code !== "string") return false;
  hear({ client_id, ...error, type: "error" });
  return true;
}

// Say something now if there is a line; whatever must not be lost goes through `deliver`.
function send(frame) {
  if (!polling) return void (welcomed && socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame)));
  if (!recall("token")) return;
  // One after another, so that messages keep their order.
  posts = posts.then(() => post("send", { ...hello(), frame }, ANSWER_MS)).catch((error) => refused(error, frame.client_id));
}

function deliver(frame) {
  remember("outbox", [...outbox(), frame]);
  showPending();
  transmit(frame);
}

function transmit(frame) {
  awaited.add(frame.client_id);
  send(frame);
  watch();
}

function settle(clientId) {
  awaited.delete(clientId);
  remember("outbox", outbox().filter((frame) => frame.client_id !== clientId));
}

function hear(frame) {
  clearTimeout(answerTimer);
  said[frame.type]?.(frame);
  if (awaited.size) watch();
}

// Nothing tells a page that its line died while the phone slept or changed networks: ask.
function ping() {
  if (!welcomed) return connect();
  if (polling) return;
  send({ type: "ping" });
  watch();
}

setInterval(() => welcomed && ping(), PING_MS);
addEventListener("online", () => { failures = 0; ping(); });
addEventListener("offline", drop);
document.addEventListener("visibilitychange", () => document.hidden || ping());
