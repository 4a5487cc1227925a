// What the server and the page say, and what follows: badge, sound, read marks, tabs in step.
let panelOpen = parent === window;
let unread = 0;
let started = false;

const watching = () => panelOpen && !document.hidden;
const theirs = () => [...messages.values()].filter((message) => !message.own && message.id);

function count() {
  const newestOfTheirs = Math.max(0, ...theirs().map((message) => message.id));
  const seen = Math.max(state.seen, recall("seen", 0));
  if (watching() && newestOfTheirs > seen) {
    remember("seen", newestOfTheirs);
    state.seen = newestOfTheirs;
    send({ type: "read", message: newestOfTheirs });
  }
  const now = theirs().filter((message) => message.id > Math.max(state.seen, recall("seen", 0))).length;
  if (now === unread) return;
  unread = now;
  tellSite("unread", { count: unread });
}

function ring(id) {
  if (recall("muted", !look.sound) || watching() || recall("rung", 0) >= id) return;
  // The first tab that marks the message rings; the others see the mark.
  remember("rung", id);
  const audio = new AudioContext();
  [660, 880].forEach((pitch, index) => {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.08 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + index * 0.12);
    tone.stop(audio.currentTime + index * 0.12 + 0.1);
  });
  setTimeout(() => audio.close(), 1000);
}

function take(frame) {
  state = { ...state, ...frame.state };
  const oldest = Math.min(...frame.messages.map((message) => message.id));
  // Beyond this gap lies what we have not seen: start from what the server gave.
  if (frame.more && newest() && oldest > newest()) forget();
  if (frame.more !== undefined && (!newest() || !messages.size)) more = frame.more;
  frame.messages.forEach((message) => settle(message.client_id));
  showAll(frame.messages);
  showPending();
  showState();
  showForm();
  count();
}

const said = {
  welcome(frame) {
    welcomed = true;
    failures = 0;
    if (frame.token && frame.token !== recall("token")) remember("token", frame.token);
    revision = frame.rev;
    // The forms that lead on into messengers say whose dialog it is.
    document.querySelectorAll("[name=token]").forEach((field) => (field.value = recall("token")));
    showLine(true);
    take(frame);
    at("panel").ariaBusy = "false";
    if (frame.messages.length) tellSite("keep", { kept: { known: 1 } });
    outbox().forEach(transmit);
  },
  message({ message }) {
    settle(message.client_id);
    const fresh = !message.own && !messages.has(message.client_id);
    showAll([message]);
    showForm();
    if (!fresh) return;
    showTyping();
    ring(message.id);
    count();
    send({ type: "received", message: message.id });
    tellSite("event", { name: "message", detail: { text: message.text, author: message.author } });
  },
  state(frame) {
    state = { ...state, ...frame.state };
    if (frame.rev) revision = frame.rev;
    showState();
    showForm();
    count();
  },
  history(frame) {
    const body = at("body");
    const fromEnd = body.scrollHeight - body.scrollTop;
    more = frame.more;
    frame.messages.forEach(show);
    arrange();
    body.scrollTop = body.scrollHeight - fromEnd;
  },
  typing: ({ name, on }) => showTyping(on && name),
  refresh: () => { forget(); drop(); },
  error({ code, text, client_id, fields, retry_after }) {
    const message = client_id && messages.get(client_id);
    awaited.delete(client_id);
    if (code === "busy") {
      // Nothing is wrong with the message: it only has to wait.
      clearTimeout(retryTimer);
      notice(text);
      retryTimer = setTimeout(() => (welcomed ? outbox().forEach(transmit) : connect()), (retry_after || 5) * 1000);
    } else if (message) {
      message.failed = text;
      if (fields || code === "invalid") settle(client_id);
      if (fields && state.status === "none") {
        messages.delete(client_id);
        rows.get(client_id).remove();
        rows.delete(client_id);
        showForm();
        form.elements.text.value ||= message.text;
        for (const [name, words] of Object.entries(fields)) if (form.elements[name]) complain(state.open || !NAMES.includes(name) ? name : "reach", words);
      }
      arrange();
    } else notice(text);
    if (code === "session") remember("token", null);
    if (code === "origin" || code === "channel") stopped = true;
  },
};

function start() {
  if (started) return;
  started = true;
  stopped = false;
  connect();
}

const asked = {
  site(data) {
    about = data;
    panelOpen = data.open;
    if (!storage && data.token) memory.token = data.token;
    start();
    if (panelOpen) arrive();
  },
  shown({ open }) {
    panelOpen = open;
    if (open) arrive();
  },
  page({ page }) {
    about.page = page;
    send({ type: "page", ...page });
  },
  identify({ identity }) {
    about.identity = identity;
    send({ type: "identify", identity });
  },
};
addEventListener("message", ({ data, origin, source }) => {
  if (source === parent && origin === site && data.inbox) asked[data.type]?.(data);
});

function arrive() {
  const first = at("form").hidden ? field : at("form").querySelector("div:not([hidden]) > input, textarea");
  first.focus();
  toEnd();
  count();
}

// Another tab of this browser wrote, read, switched the sound or became known to the server.
addEventListener("storage", (event) => {
  if (event.key === slot("outbox")) showPending();
  if (event.key === slot("seen")) count();
  if (event.key === slot("muted")) showSound();
  if (event.key === slot("token") && socket && !messages.size) drop();
});
document.addEventListener("visibilitychange", count);

function showSound() {
  const muted = recall("muted", !look.sound);
  at("sound").ariaPressed = !muted;
  at("sound").classList.toggle("off", muted);
}
at("sound").addEventListener("click", () => { remember("muted", !recall("muted", !look.sound)); showSound(); });
at("close").addEventListener("click", () => tellSite("close"));
at("older").addEventListener("click", () => send({ type: "history", before: Math.min(...[...messages.values()].map((message) => message.id || Infinity)) }));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (smiles.hidden) return tellSite("close");
    smiles.hidden = true;
    at("smile").ariaExpanded = false;
    return at("smile").focus();
  }
  if (event.key !== "Tab") return;
  // The dialog keeps the focus until it is closed, as a dialog should.
  const stops = [...document.querySelectorAll("button, input, textarea, a[href]")].filter((stop) => stop.checkVisibility?.() !== false && !stop.disabled && stop.offsetParent);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }
});

// A picture came, the banner or the keyboard opened: whoever read the end goes on reading the end.
let atEnd = true;
at("body").addEventListener("scroll", () => { atEnd = at("body").scrollHeight - at("body").scrollTop - at("body").clientHeight < 80; });
const follow = new ResizeObserver(() => { if (atEnd) toEnd(); });
for (const id of ["body", "log", "away"]) follow.observe(at(id));

root.style.setProperty("--brand", look.colour);
root.style.setProperty("--on-brand", look.onColour);
if (look.greeting) {
  at("greeting").hidden = false;
  at("greeting").lastElementChild.replaceChildren(...linked(look.greeting));
}
field.value = recall("draft", "");
showSound();
showPending();
showForm();
grow();
tellSite("ready", { title: look.title });
// Opened as a page of its own (a link, a web view) there is nobody to introduce us.
if (parent === window) start();
