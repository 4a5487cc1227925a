// The search dialog: arrows walk the results, Enter in the field opens the first one.
const dialog = () => document.getElementById("search");
const links = () => [...dialog().querySelectorAll("#search-results a")];

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!dialog()?.open) return;
  if (event.key === "Escape") { event.preventDefault(); dialog().close(); } // The field would only be emptied by it.
  if (!step) return;
  event.preventDefault();
  const all = [dialog().querySelector("input"), ...links()];
  all[Math.max(0, Math.min(all.indexOf(document.activeElement) + step, all.length - 1))].focus();
});

// Enter may come before the answer to the last letter: the first one of that answer is meant, not of the one before.
let [coming, wanted] = [false, false];
const openFirst = () => { wanted = false; if (dialog().open) links()[0]?.click(); };

document.addEventListener("input", (event) => { if (event.target.matches("#search input")) [coming, wanted] = [true, false]; });
if (dialog()) new MutationObserver(() => { coming = false; if (wanted) openFirst(); }).observe(document.getElementById("search-results"), { childList: true });

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-search]")) return;
  event.preventDefault();
  if (coming) wanted = true; else openFirst();
});
