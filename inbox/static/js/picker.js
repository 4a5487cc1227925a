// "/" in the composer: the server finds templates and fills their variables; missing ones get a field of their own.
const picker = () => document.getElementById("picker");
const options = () => [...picker().querySelectorAll("[role=option]")];
let asked = 0;

const slash = (area) => /(^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(area.value.slice(0, area.selectionStart));
const opened = () => picker() && !picker().hidden;

export async function openPicker(area) {
  const found = slash(area);
  if (!found) return close();
  const number = ++asked;
  const conversation = area.form.dataset.conversation;
  const answer = await fetch(`/conversations/${conversation}/templates?q=${encodeURIComponent(found[2])}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || number !== asked) return;
  picker().innerHTML = await answer.text();
  picker().hidden = false;
  choose(options()[0]);
}

function close() {
  asked += 1;
  if (picker()) picker().hidden = true;
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  for (const preview of picker().querySelectorAll(".preview")) preview.hidden = preview.dataset.template !== option?.dataset.template;
  option?.scrollIntoView({ block: "nearest" });
}

function insertChosen(area) {
  const option = options().find((one) => one.getAttribute("aria-selected") === "true");
  if (!option) return;
  const preview = picker().querySelector(`.preview[data-template="${option.dataset.template}"]`);
  const empty = [...preview.querySelectorAll("input[data-variable]")].find((input) => !input.value.trim());
  if (empty) return empty.focus();
  let text = "";
  for (const part of preview.querySelectorAll("[data-part]")) {
    const input = part.dataset.part ? preview.querySelector(`input[data-variable="${CSS.escape(part.dataset.part)}"]`) : null;
    text += input ? input.value : part.textContent;
  }
  const found = slash(area);
  const start = area.selectionStart - found[2].length - 1;
  area.setRangeText(text, start, area.selectionStart, "end");
  area.form.elements.reply_template_id.value = option.dataset.template;
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

export function pickerKey(event) {
  if (!opened()) return false;
  const area = event.target;
  const now = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
  const act = {
    ArrowDown: () => choose(options()[Math.min(now + 1, options().length - 1)]),
    ArrowUp: () => choose(options()[Math.max(now - 1, 0)]),
    Enter: () => insertChosen(area),
    Tab: () => insertChosen(area),
    Escape: close,
  }[event.key];
  if (!act || (event.key === "Enter" && !options().length)) return false;
  event.preventDefault();
  event.stopPropagation();
  act();
  return true;
}

document.addEventListener("click", (event) => {
  const option = event.target.closest("#picker [role=option]");
  const area = document.querySelector(".composer textarea");
  if (option) { choose(option); insertChosen(area); }
});
// A missing value is filled in the picker itself; Enter there inserts.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("#picker input")) return;
  const area = document.querySelector(".composer textarea");
  if (event.key === "Enter") { event.preventDefault(); insertChosen(area); }
  if (event.key === "Escape") { close(); area.focus(); }
});
