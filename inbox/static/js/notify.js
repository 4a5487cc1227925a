// Sound, title and browser notification for what concerns this agent, also when the tab is hidden.
let context = null;
const sound = document.body.dataset.sound === "on";

// Browsers allow sound only after the person has touched the page once.
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => { context ??= new AudioContext(); }, { once: true });
}

function beep() {
  if (!sound || !context) return;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.25);
}

document.addEventListener("inbox:frame", (event) => {
  const news = event.detail.news;
  if (!news) return;
  beep();
  // Phones' browsers have no notifications of a page.
  if (!document.hidden || window.Notification?.permission !== "granted") return;
  const shown = new Notification(news.title, { body: news.text, tag: `conversation-${news.conversation}` });
  shown.onclick = () => { window.focus(); location.assign(`/conversations/${news.conversation}`); };
});
