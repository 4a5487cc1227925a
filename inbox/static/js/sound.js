// One short tone. Browsers allow sound only after the person has touched the page once.
let context = null;
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => { context ??= new AudioContext(); }, { once: true });
}

export function beep(pitch = 880, seconds = 0.25) {
  if (!context) return;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + seconds);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + seconds);
}
