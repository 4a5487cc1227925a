// The line to the server: one WebSocket, or long polling where sockets do not pass. What was written stays in the
// outbox until the server has accepted it; the server knows a message by its client_id and keeps it once.
const SLOW_MS = 30000;
const ANSWER_MS = 10000;
let socket = null;
let polling = false;
let welcomed = false;
let failures = 0;
let opened = false;
let retryTimer = 0;
let answerTimer = 0;
let about = {};
let revision = "";
let stopped = false;

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
  if (socket && socket.readyState < WebSocket.CLOSING) return;
  opened = false;
  const line = (socket = new WebSocket(socketUrl));
  line.onopen = () => { opened = true; line.send(JSON.stringify(hello())); };
  line.onmessage = ({ data }) => hear(JSON.parse(data));
  line.onclose = () => {
    if (line !== socket) return;
    socket = null;
    // Some networks let no socket through: after two failures to open one, poll.
    if (!opened && navigator.onLine && ++failures > 1) polling = true;
    lost();
  };
}

function lost(seconds) {
  welcomed = false;
  clearTimeout(retryTimer);
  failures += opened ? 1 : 0;
  const pause = seconds ? seconds * 1000 : Math.min(SLOW_MS, 500 * 2 ** failures) * (0.5 + Math.random());
  if (navigator.onLine) retryTimer = setTimeout(connect, pause);
  showLine(false);
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (recall("token")) headers.Authorization = "Bearer " + recall("token");
  const answer = await fetch("/widget/v1/" + path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
  const said = await answer.json();
  for (const frame of said.frames || []) hear(frame);
  if (!answer.ok) throw said;
  return said;
}

async function poll() {
  try {
    await post("poll", hello());
    failures = 0;
    if (!stopped) retryTimer = setTimeout(connect, 50);
  } catch (error) {
    failures += 1;
    lost(error.retry_after);
  }
}

// Say something now if there is a line; whatever must not be lost goes through `deliver`.
function send(frame) {
  if (polling) return void (recall("token") && post("send", { ...hello(), frame }).catch(() => {}));
  if (welcomed && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function deliver(frame) {
  remember("outbox", [...outbox(), frame]);
  showPending();
  transmit(frame);
}

function transmit(frame) {
  send(frame);
  clearTimeout(answerTimer);
  // A line can be dead without having closed: no answer means a new one, and the outbox goes again.
  answerTimer = setTimeout(() => outbox().length && socket?.close(), ANSWER_MS);
}

function settle(clientId) {
  remember("outbox", outbox().filter((frame) => frame.client_id !== clientId));
  clearTimeout(answerTimer);
}

addEventListener("online", () => { failures = 0; connect(); });
addEventListener("offline", () => { socket?.close(); socket = null; lost(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !welcomed) connect(); });
