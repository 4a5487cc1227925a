// Waits in words.
const language = document.body.dataset.language;
const UNITS = language === "ru" ? ["д", "ч", "мин", "с"] : ["d", "h", "min", "s"];
const NBSP = "\u00a0";

// The same words as Language.duration on the server.
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const first = parts.findIndex((part) => part > 0);
  if (first === -1) return `0${NBSP}${UNITS[3]}`;
  const head = `${parts[first]}${NBSP}${UNITS[first]}`;
  if (first === 3 || parts[first + 1] === 0 || (first === 2 && parts[2] >= 10)) return head;
  return `${head} ${parts[first + 1]}${NBSP}${UNITS[first + 1]}`;
}
