// Messages on their way, kept until the server has them: another dialog, a reload or a closed tab loses none.
const key = (conversation) => `unsent.${conversation}`;

export function unsent(conversation) {
  return JSON.parse(localStorage.getItem(key(conversation)) ?? "[]").map((kept) => new URLSearchParams(kept));
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
