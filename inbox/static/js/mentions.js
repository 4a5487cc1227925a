// "@" in a note: colleagues whose name has a word that begins so. The names are those of the menu of the assignee.
const list = () => document.getElementById("mentions");
const options = () => [...list().querySelectorAll("[role=option]")];
const sign = (area) => /(?:^|[^\p{L}\p{N}_.+-])@([\p{L}\p{N}_-]*)$/u.exec(area.value.slice(0, area.selectionStart));
const fold = (text) => text.toLowerCase().replaceAll("ё", "е");
const opened = () => list() && !list().hidden;

export function openMentions(area, isNote) {
  const found = isNote && sign(area);
  const names = [...document.querySelectorAll("#colleagues [data-name]")].map((one) => one.dataset.name);
  const fitting = found ? names.filter((name) => fold(name).split(/\s+/).some((word) => word.startsWith(fold(found[1])))) : [];
  list().replaceChildren(...fitting.slice(0, 8).map((name, index) => {
    const option = document.createElement("li");
    option.role = "option";
    option.id = `mention-${index}`;
    option.textContent = name;
    return option;
  }));
  choose(options()[0]);
  list().hidden = !fitting.length;
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option?.scrollIntoView({ block: "nearest" });
}

function insertChosen(area) {
  const name = options().find((one) => one.getAttribute("aria-selected") === "true").textContent;
  area.setRangeText(`${name} `, area.selectionStart - sign(area)[1].length, area.selectionStart, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  list().hidden = true;
  area.focus();
}

export function mentionKey(event) {
  if (!opened()) return false;
  const now = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  const act = {
    ArrowDown: () => choose(options()[Math.min(now + 1, options().length - 1)]),
    ArrowUp: () => choose(options()[Math.max(now - 1, 0)]),
    Enter: () => insertChosen(event.target),
    Tab: () => insertChosen(event.target),
    Escape: () => { list().hidden = true; },
  }[event.key];
  if (!act) return false;
  event.preventDefault();
  act();
  return true;
}

document.addEventListener("click", (event) => {
  const option = event.target.closest("#mentions [role=option]");
  if (option) { choose(option); insertChosen(document.querySelector(".composer textarea")); }
});
