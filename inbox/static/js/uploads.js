// Files of the composer: sent one by one with progress, named by token when the message goes.
const list = () => document.getElementById("pending-files");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"];

export function upload(files) {
  for (const file of files) start(file);
}

function start(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const remove = document.createElement("button");
  name.textContent = file.name;
  bar.max = 1;
  remove.type = "button";
  remove.textContent = "×";
  remove.setAttribute("aria-label", file.name);
  item.append(name, bar, remove);
  item.dataset.progress = "";
  list().append(item);
  list().hidden = false;
  const request = new XMLHttpRequest();
  remove.onclick = () => { request.abort(); item.remove(); list().hidden = !list().children.length; };
  request.upload.onprogress = (event) => { bar.value = event.lengthComputable ? event.loaded / event.total : 0; };
  request.onload = () => {
    delete item.dataset.progress;
    bar.remove();
    const answer = JSON.parse(request.responseText || "{}");
    if (request.status === 200) { item.dataset.token = answer.token; return; }
    item.classList.add("bad");
    name.textContent = `${file.name}: ${answer.error ?? request.status}`;
  };
  request.onerror = () => {
    delete item.dataset.progress;
    bar.remove();
    item.classList.add("bad");
    name.textContent = `${file.name}: ${document.querySelector(".offline span").textContent}`;
  };
  const data = new FormData();
  data.append("file", file, file.name);
  request.open("POST", "/files");
  request.setRequestHeader("X-CSRF-Token", csrf());
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}
