// Messages on their way, kept until the server has them: another dialog, a reload or a closed tab loses none.
const key = (conversation) => `unsent.${conversation}`;

export function unsent(conversation) {
  return JSON.parse(localStorage.getItem(key(conversation)) ?? "[]").map((kept) => new URLSearchParams(kept));
}

// Of every dialog, as [conversation, message].
export function everywhere() {
  const conversations = Object.keys(localStorage).filter((name) => name.startsWith("unsent.")).map((name) => name.slice(7));
  return conversations.flatMap((conversation) => unsent(conversation).map((data) => [conversation, data]));
}

function store(conversation, messages) {
  if (messages.length) localStorage.setItem(key(conversation), JSON.stringify(messages.map(String)));
  else localStorage.removeItem(key(conversation));
}

const others = (conversation, data) => unsent(conversation).filter((one) => one.get("client_id") !== data.get("client_id"));

export function keep(conversation, data) {
  store(conversation, [...others(conversation, data), data]);
}

export function drop(conversation, data) {
  store(conversation, others(conversation, data));
}
