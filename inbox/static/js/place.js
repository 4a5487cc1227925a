// Putting markup that the server drew into the page: an element over its older self, a message into its place.
export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`inbox:${name}`, { detail }));
export const morph = (shown, fresh) => htmx.swap({ text: fresh.outerHTML, target: shown, swap: "outerMorph" });

// Messages stand in the order of their ids; one that is there already is redrawn in place.
export function place(markup) {
  tell("before-place");
  const list = document.getElementById("timeline");
  const box = document.createElement("template");
  box.innerHTML = markup;
  for (const item of list ? [...box.content.children] : []) {
    const [shown, oldest, key] = [document.getElementById(item.id), list.querySelector(".item"), Number(item.dataset.id)];
    // What is above the oldest message on the screen comes with the stretch that it belongs to.
    const above = !shown && oldest && list.querySelector(".earlier") && key < Number(oldest.dataset.id);
    if (above || (oldest && item.matches(".earlier"))) continue;
    const below = [...list.children].find((other) => other !== shown && Number(other.dataset.id) > key) ?? null;
    if (shown) morph(shown, item);
    if (!shown || shown.nextElementSibling !== below) list.insertBefore(shown ?? item, below);
    if (!shown) htmx.process(item);
  }
  tell("placed");
}
