// The pages before signing in: showing a password, copying the snippet, the visitor's zone.
for (const button of document.querySelectorAll("[data-peek]")) {
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.peek);
    input.type = input.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(input.type === "text"));
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
    button.querySelector("span").textContent = button.dataset.done;
  });
}
const zone = document.querySelector("select[name=time_zone][data-guess]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && [...zone.options].some((option) => option.value === here)) zone.value = here;
