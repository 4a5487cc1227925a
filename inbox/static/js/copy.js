// Copying, also on a page without https, where a browser gives scripts no clipboard.
export async function copy(words) {
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  const box = document.createElement("textarea");
  box.value = words;
  (document.querySelector("dialog:modal") ?? document.body).append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}
