// What an agent has begun to write in each dialog, kept in this browser: text, kind and files already sent up.
const key = (conversation) => `draft.${conversation}`;

export function draft(conversation) {
  return { text: "", kind: "outgoing", files: [], ...JSON.parse(localStorage.getItem(key(conversation)) ?? "{}") };
}

export function keepDraft(conversation, { text, kind, files }) {
  if (text || files.length) localStorage.setItem(key(conversation), JSON.stringify({ text, kind, files }));
  else localStorage.removeItem(key(conversation));
}

// A row of the queue says that its answer was begun, in place of the last words.
export function markDraft(row, open) {
  const conversation = row.parentElement.dataset.conversation;
  const text = conversation === open ? "" : draft(conversation).text;
  const last = row.querySelector(".last:not(.begun)");
  let line = row.querySelector(".begun");
  last.hidden = Boolean(text);
  if (!text) return line?.remove();
  if (!line) {
    line = document.createElement("span");
    line.className = "last clip begun";
    last.after(line);
  }
  const word = document.createElement("span");
  word.className = "draft";
  word.textContent = `${document.body.dataset.draft}: `;
  line.replaceChildren(word, text.slice(0, 200));
}
