// The search dialog: arrows walk the results, Enter in the field opens the first one.
const dialog = () => document.getElementById("search");
const links = () => [...dialog().querySelectorAll("#search-results a")];

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !dialog()?.open) return;
  event.preventDefault();
  const all = [dialog().querySelector("input"), ...links()];
  all[Math.max(0, Math.min(all.indexOf(document.activeElement) + step, all.length - 1))].focus();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-search]")) return;
  const first = links()[0];
  if (first) { event.preventDefault(); first.click(); }
});
