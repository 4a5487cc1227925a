// Writing: text, files with progress, pasted pictures, emoji.
const TYPING_MS = 3000;
const field = at("text");
let typedAt = 0;
let uploads = [];

function write(text, files = [], prechat) {
  const frame = { type: "send", client_id: newId(), text: text.trim(), files: files.map((file) => file.token), prechat, at: Date.now(), shown: files.map(({ token, ...file }) => file) };
  deliver(frame);
  showForm();
  tellSite("keep", { kept: { known: 1 } });
  tellSite("event", { name: "sent", detail: { text: frame.text } });
}

function retry(message) {
  const frame = outbox().find((waiting) => waiting.client_id === message.client_id);
  delete message.failed;
  arrange();
  if (frame) transmit(frame);
}

function grow() {
  field.rows = Math.min(5, field.value.split("\n").length);
  remember("draft", field.value);
  at("send").disabled = !(field.value.trim() || uploads.length) || uploads.some((file) => !file.token);
}

function submit() {
  if (at("send").disabled) return;
  if (field.value.length > look.maxText) return notice(fill("tooLong", { most: look.maxText }));
  write(field.value, uploads);
  field.value = "";
  uploads = [];
  at("files").replaceChildren();
  grow();
  send({ type: "typing", on: false });
  typedAt = 0;
}

// A rating is a message that begins with a digit; words may follow.
at("rate").onclick = ({ target }) => {
  if (!target.value) return;
  field.value = target.value + " " + field.value.replace(/^[1-5] /, "");
  grow();
  field.focus();
};

let noticeTimer = 0;
function notice(words) {
  clearTimeout(noticeTimer);
  at("notice").textContent = words;
  at("notice").hidden = !words;
  noticeTimer = setTimeout(() => { at("notice").hidden = true; }, 8000);
}

function attach(files) {
  for (const file of files) {
    if (file.size > look.maxFile) notice(fill("tooBig", { name: file.name, size: sizeOf(look.maxFile) }));
    else if (uploads.length < 10) upload(file);
  }
}

// fetch tells nothing about the progress of a request, XMLHttpRequest does.
function upload(file) {
  const item = { name: file.name || texts.picture, size: file.size };
  const bar = make("progress", { max: 1, value: 0, ariaLabel: item.name });
  const drop = make("button", { type: "button", ariaLabel: fill("remove", { name: item.name }) }, icon("x"));
  const line = make("li", {}, make("span", { textContent: item.name }), make("small", { textContent: sizeOf(file.size) }), bar, drop);
  const request = new XMLHttpRequest();
  const away = () => {
    uploads = uploads.filter((other) => other !== item);
    request.abort();
    line.remove();
    grow();
  };
  drop.onclick = () => { away(); field.focus(); };
  request.open("POST", `/widget/v1/files?key=${key}&name=${encodeURIComponent(item.name)}`);
  request.setRequestHeader("Authorization", "Bearer " + recall("token"));
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
  request.onloadend = () => {
    if (!uploads.includes(item)) return;
    if (request.status === 200) {
      Object.assign(item, request.response);
      bar.remove();
      grow();
    } else {
      away();
      notice(request.response?.text || fill("uploadFailed", { name: item.name }));
    }
  };
  uploads.push(item);
  at("files").append(line);
  request.send(file);
  grow();
}

field.addEventListener("input", () => {
  grow();
  if (Date.now() - typedAt > TYPING_MS && field.value) {
    typedAt = Date.now();
    send({ type: "typing", on: true });
  }
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
field.addEventListener("blur", () => { if (typedAt) send({ type: "typing", on: false }); typedAt = 0; });
addEventListener("paste", ({ clipboardData }) => clipboardData && !at("say").hidden && attach(clipboardData.files));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  if (!at("say").hidden) attach(event.dataTransfer.files);
});
at("say").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
at("clip").addEventListener("click", () => at("pick").click());
at("pick").addEventListener("change", ({ target }) => { attach(target.files); target.value = ""; });

const smiles = at("smiles");
for (const smile of "😊 😀 😂 😉 😍 🤔 😔 😢 😡 🙏 👍 👎 👌 👋 🤝 💪 ❤️ 🔥 🎉 🎁 ✅ ❌ ❓ ⭐".split(" ")) {
  smiles.append(make("button", { type: "button", textContent: smile }));
}
at("smile").addEventListener("click", () => {
  smiles.hidden = !smiles.hidden;
  at("smile").ariaExpanded = !smiles.hidden;
  if (!smiles.hidden) smiles.firstElementChild.focus();
});
smiles.addEventListener("click", ({ target }) => {
  if (target.parentNode !== smiles) return;
  field.setRangeText(target.textContent, field.selectionStart, field.selectionEnd, "end");
  smiles.hidden = true;
  at("smile").ariaExpanded = false;
  field.focus();
  grow();
});
