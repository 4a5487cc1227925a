// Sound, title and browser notification for what concerns this agent, also when the tab is hidden.
import { beep } from "./sound.js";

const sound = document.body.dataset.sound === "on";

document.addEventListener("inbox:frame", (event) => {
  const news = event.detail.news;
  if (!news) return;
  if (sound) beep();
  // Phones' browsers have no notifications of a page.
  if (!document.hidden || window.Notification?.permission !== "granted") return;
  const shown = new Notification(news.title, { body: news.text, tag: `conversation-${news.conversation}` });
  shown.onclick = () => { window.focus(); location.assign(`/conversations/${news.conversation}`); };
});
