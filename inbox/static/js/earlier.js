// The dialog upwards: older messages come when the reader reaches them, and a link to one message finds it, however far it is.
const log = () => document.getElementById("log");
const line = () => document.getElementById("earlier");
let coming = null;

// What the reader looks at stays where it is while the messages above it come.
async function read() {
  const above = line();
  const answer = above && await fetch(above.dataset.address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return false;
  const markup = await answer.text();
  if (!above.isConnected) return false;
  const [box, below] = [log(), log().scrollHeight - log().scrollTop];
  above.outerHTML = markup;
  box.scrollTop = box.scrollHeight - below;
  watch();
  return true;
}

const load = () => (coming ??= read().finally(() => { coming = null; }));
const sight = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) load(); });

function watch() {
  sight.disconnect();
  if (line()) sight.observe(line());
}

// `mark` is "#m-" and the message's client id, as in quotations, search results and copied links.
export async function reveal(mark) {
  if (!mark.startsWith("#m-")) return;
  const id = decodeURIComponent(mark.slice(1));
  const timeline = document.getElementById("timeline");
  while (!document.getElementById(id) && timeline?.isConnected && await load());
  const shown = document.getElementById(id)?.querySelector(".bubble, .act");
  if (!shown) return;
  shown.scrollIntoView({ block: "center" });
  shown.classList.add("found");
  setTimeout(() => shown.classList.remove("found"), 3000);
}

document.addEventListener("click", (event) => {
  const quote = event.target.closest("a.quote");
  if (!quote) return;
  event.preventDefault();
  reveal(quote.hash);
});
window.addEventListener("hashchange", () => reveal(location.hash));
document.addEventListener("inbox:opened", () => { watch(); reveal(location.hash); });
document.addEventListener("inbox:placed", watch);
