// The dialog on screen. A message is drawn once and changed in place, so that a screen reader hears it once.
const messages = new Map();
const rows = new Map();
let state = { status: "none", delivered: 0, read: 0, seen: 0, online: false, open: true };
let more = false;
let typingTimer = 0;

const LINK = /(?:https?:\/\/|www\.)[^\s<>"'`]+[^\s<>"'`.,;:!?)\]»}]/gi;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function dayOf(moment) {
  const days = Math.round((new Date(moment).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 864e5);
  const words = days < -1 || days > 1 ? calendar.format(moment) : near.format(days, "day");
  return words[0].toUpperCase() + words.slice(1);
}

function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(from, found.index), make("a", { href: found[0].replace(/^www/i, "https://www"), target: "_blank", rel: "noopener noreferrer nofollow", textContent: found[0] }));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

function sizeOf(bytes) {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(Math.max(bytes / (unit === "kilobyte" ? 1024 : 1048576), 0.1));
}

function fileOf(file) {
  if (file.state === "pending") return make("p", { className: "file", textContent: texts.fileComing });
  if (file.state === "failed") return make("p", { className: "file", textContent: texts.fileFailed });
  const link = make("a", { href: file.url, target: "_blank", rel: "noopener" });
  if (file.kind === "image") {
    const picture = make("img", { src: file.url, alt: file.name, loading: "lazy" });
    if (file.width) Object.assign(picture, { width: file.width, height: file.height });
    link.append(picture);
    return link;
  }
  link.className = "file";
  link.download = file.name;
  link.append(icon("clip"), make("span", {}, file.name, make("small", { textContent: file.size ? sizeOf(file.size) : "" })));
  return link;
}

function drawRow(message) {
  const row = make("div", { className: "row" });
  row.dataset.client = message.client_id;
  row.append(make("p", { className: "day" }), make("p", { className: "who" }), make("div"), make("p", { className: "st" }));
  rows.set(message.client_id, row);
  return row;
}

function fillRow(row, message) {
  const bubble = row.children[2];
  bubble.className = "m" + (message.own ? " me" : "") + (message.deleted ? " gone" : "");
  bubble.dir = "auto";
  const quoted = message.reply_to && [...messages.values()].find((other) => other.id === message.reply_to);
  bubble.replaceChildren(
    ...(quoted ? [make("blockquote", { textContent: quoted.text.slice(0, 120) })] : []),
    ...(message.deleted ? [texts.deleted] : linked(message.text)),
    ...(message.files || []).map(fileOf),
  );
  if (message.edited && !message.deleted) bubble.append(make("small", { textContent: " " + texts.edited }));
}

function stateOf(message) {
  if (message.failed) return message.failed;
  if (!message.id) return texts.sending;
  if (message.id <= state.read) return texts.read;
  return message.id <= state.delivered ? texts.delivered : texts.sent;
}

// Which rows begin a day, begin a group of one author, or end one with the time and the ticks.
function arrange() {
  const list = [...messages.values()].sort((a, b) => (a.id || Infinity) - (b.id || Infinity) || a.at - b.at);
  const log = at("log");
  list.forEach((message, index) => {
    const row = rows.get(message.client_id);
    const above = list[index - 1];
    const below = list[index + 1];
    const [day, who, bubble, st] = row.children;
    const newDay = !above || dayOf(above.at) !== dayOf(message.at);
    const author = message.author || look.title;
    day.hidden = !newDay;
    if (newDay) day.textContent = dayOf(message.at);
    who.hidden = message.own || (!newDay && above && !above.own && above.author === message.author);
    if (!who.hidden && who.dataset.name !== author) {
      who.dataset.name = author;
      who.replaceChildren(make("i", { textContent: author[0], ariaHidden: "true" }), author);
    }
    st.hidden = !(message.failed || !below || below.own !== message.own);
    const words = message.own ? `${clock.format(message.at)} · ${stateOf(message)}` : clock.format(message.at);
    if (st.textContent !== words) st.textContent = words;
    if (message.failed && !st.firstElementChild) {
      st.append(" ", make("button", { type: "button", className: "again", textContent: texts.retry, onclick: () => retry(message) }));
    }
    bubble.classList.toggle("bad", !!message.failed);
    if (log.children[index] !== row) log.insertBefore(row, log.children[index] || null);
  });
  at("older").hidden = !more;
  at("ended").hidden = state.status !== "resolved";
  at("rate").hidden = !state.rate;
}

function show(message) {
  const known = messages.get(message.client_id);
  if (known && !known.own && message.own) return;
  messages.set(message.client_id, message);
  fillRow(rows.get(message.client_id) || drawRow(message), message);
}

function toEnd() {
  atEnd = true;
  at("body").scrollTop = at("body").scrollHeight;
}

function showAll(list) {
  for (const message of list) show(message);
  arrange();
  if (atEnd) toEnd();
}

function showPending() {
  const waiting = outbox();
  for (const frame of waiting) {
    const known = messages.get(frame.client_id);
    if (!known) show({ client_id: frame.client_id, own: true, text: frame.text, at: frame.at, files: frame.shown || [], reply_to: null });
  }
  arrange();
  if (waiting.length) toEnd();
}

function forget() {
  messages.clear();
  rows.clear();
  at("log").replaceChildren();
}

function showTyping(name) {
  clearTimeout(typingTimer);
  at("typing").textContent = name ? fill("typing", { name }) : "";
  if (name) typingTimer = setTimeout(showTyping, 6500);
}

let lineTimer = 0;
function showLine(up) {
  clearTimeout(lineTimer);
  if (up) at("line").hidden = true;
  else lineTimer = setTimeout(() => { at("line").hidden = false; }, 2000);
}

function showState() {
  const opens = state.opens_at && new Date(state.opens_at);
  const name = state.agent;
  at("sub").textContent = !state.open
    ? opens ? fill("opens", { day: dayOf(opens).toLowerCase(), time: clock.format(opens) }) : texts.closed
    : state.online ? (name ? fill("agentOnline", { name }) : texts.online) : texts.away;
  arrange();
}
