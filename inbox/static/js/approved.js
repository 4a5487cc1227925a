// Approved templates: the preview follows what is typed into the gaps; the panel closes by its button and by Escape.
function fill(input) {
  const form = input.closest("form");
  for (const gap of form.querySelectorAll(`[data-gap="${CSS.escape(input.name)}"]`)) {
    gap.textContent = input.value.trim() || gap.dataset.empty;
    gap.className = input.value.trim() ? "var" : "miss";
  }
}

const close = () => document.getElementById("approved")?.replaceChildren();

document.addEventListener("input", (event) => {
  if (event.target.matches?.(".approved input[required]")) fill(event.target);
});
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".approved details[open]")) return;
  const gaps = [...event.target.querySelectorAll("input[required]")];
  gaps.forEach(fill);
  (gaps.find((gap) => !gap.value) ?? event.target.querySelector("button")).focus();
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-approved-close]")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.(".approved")) {
    close();
    document.querySelector("#composer textarea")?.focus();
  }
});
