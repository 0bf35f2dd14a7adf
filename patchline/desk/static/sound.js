// The desk's sounds, made by the browser itself. Browsers keep still until somebody has pressed something on the page,
// so whether the sound is really on is asked of the browser and never assumed.

const WANTED = "patchline.desk.sound"; // remembered on this machine: "on" or "off"
const ALARM = [880, 660, 880, 660, 880]; // Hz, one after another: somebody must come now
const CHIME = [660, 880]; // something new
const NOTE_S = 0.18;

let context = null;

export function wanted() {
  return localStorage.getItem(WANTED) === "on";
}

export function isOn() {
  return wanted() && context !== null && context.state === "running";
}

// Switch on by a press of the user's, and let it be heard; or off.
export async function want(on) {
  localStorage.setItem(WANTED, on ? "on" : "off");
  if (on) {
    await wake();
    chime();
  }
}

// Try to make sounds possible; true when they are.
export async function wake() {
  context ??= new AudioContext();
  // A browser that refuses leaves the promise open until somebody presses something.
  await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  return context.state === "running";
}

export const alarm = () => play(ALARM, "square");
export const chime = () => play(CHIME, "sine");

function play(notes, shape) {
  if (!isOn()) return false;
  notes.forEach((hertz, place) => {
    const [start, tone, volume] = [context.currentTime + place * NOTE_S, context.createOscillator(), context.createGain()];
    tone.type = shape;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.25, start + 0.02); // without a click
    volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
  return true;
}
