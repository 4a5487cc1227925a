// Files of the composer: sent one by one with progress, named by token when the message goes.
const list = () => document.getElementById("pending-files");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"];

export function upload(files) {
  for (const file of files) start(file);
}

// A file in the list; with a token when it is on the server already.
export function show(name, token = "") {
  const item = document.createElement("li");
  const label = document.createElement("span");
  const remove = document.createElement("button");
  label.textContent = item.title = name;
  if (token) item.dataset.token = token;
  remove.type = "button";
  remove.textContent = "×";
  remove.setAttribute("aria-label", `${list().dataset.remove}: ${name}`);
  remove.onclick = () => {
    const [shown, conversation] = [list(), list().closest("form").dataset.conversation];
    item.remove();
    shown.hidden = !shown.children.length;
    done(conversation, item, name);
  };
  item.append(label, remove);
  list().append(item);
  list().hidden = false;
  return item;
}

const done = (conversation, item, name) => document.dispatchEvent(new CustomEvent("inbox:uploaded", { detail: { conversation, token: item.dataset.token, name } }));

function start(file) {
  const conversation = list().closest("form").dataset.conversation;
  const item = show(file.name);
  const bar = document.createElement("progress");
  bar.max = 1;
  item.dataset.progress = "";
  item.querySelector("span").after(bar);
  const request = new XMLHttpRequest();
  item.querySelector("button").addEventListener("click", () => request.abort());
  const finish = (problem) => {
    delete item.dataset.progress;
    bar.remove();
    if (!problem) return;
    item.classList.add("bad");
    item.querySelector("span").textContent = `${file.name}: ${problem}`;
  };
  request.upload.onprogress = (event) => { bar.value = event.lengthComputable ? event.loaded / event.total : 0; };
  request.onload = () => {
    // A proxy on the way may refuse a large file in a page of its own.
    const answer = request.getResponseHeader("Content-Type")?.includes("json") ? JSON.parse(request.responseText) : {};
    if (request.status !== 200) return finish(answer.error ?? request.status);
    item.dataset.token = answer.token;
    finish();
    done(conversation, item, file.name);
  };
  request.onerror = () => finish(document.querySelector(".offline span").textContent);
  const data = new FormData();
  data.append("file", file, file.name);
  request.open("POST", "/files");
  request.setRequestHeader("X-CSRF-Token", csrf());
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}
