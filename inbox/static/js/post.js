// Sending a small form from a script; what went wrong is said in passing.
export const say = (text) => document.body.dispatchEvent(new CustomEvent("inbox:toast", { detail: text }));

export async function post(address, data) {
  const headers = { "HX-Request": "true", "X-CSRF-Token": JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRF-Token"] };
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(data), headers });
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("inbox:signed-out"));
    else if (!answer.ok) {
      const box = document.createElement("div");
      box.innerHTML = await answer.clone().text();
      say(box.textContent.trim());
    }
    return answer;
  } catch {
    say(document.querySelector(".offline span").textContent);
    return null;
  }
}
