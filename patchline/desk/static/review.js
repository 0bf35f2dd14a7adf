// The review inbox: finds topics while somebody types, waits for a scan, and the keys x, u, t, r, n, d and /.

import { keysAreOff } from "/desk/static/keys.js";

const typing = (target) => target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select");

// A topic is found by all words that were typed, in its title or its name.
const topics = document.querySelector("[data-topics]");
if (topics) {
  const find = topics.querySelector("[data-find]");
  const found = topics.querySelector("[data-found]");
  const choices = [...topics.querySelectorAll(".list .choice")];
  const shown = () => choices.filter((choice) => !choice.hidden);
  find.hidden = false;
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const choice of choices) {
      const text = `${choice.textContent} ${choice.querySelector("input").value.replaceAll("_", " ")}`.toLowerCase();
      choice.hidden = !words.every((word) => text.includes(word));
      choice.style.display = choice.hidden ? "none" : "";
    }
    const left = shown();
    found.textContent = words.length ? `${left.length} topic${left.length === 1 ? "" : "s"}` : "";
    if (words.length && left.length) left[0].querySelector("input").checked = true;
    if (!left.length) { // what nobody sees must not be taught
      found.textContent = "No topic has these words in its title. Try another word, or make a new topic.";
      for (const choice of choices) choice.querySelector("input").checked = false;
    }
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && shown().length) {
      event.preventDefault();
      (shown().find((choice) => choice.querySelector("input").checked) ?? shown()[0]).querySelector("input").focus();
    } else if (event.key === "Enter") {
      event.preventDefault(); // otherwise the first button of the form, whatever it is
      if (shown().length) press("t");
    }
  });
  const chosen = topics.querySelector(".list :checked");
  const list = topics.querySelector(".list");
  if (chosen) list.scrollTop = chosen.closest(".choice").offsetTop - list.offsetTop - 60;
}

function press(key) {
  const button = document.querySelector(`[data-decide] [data-key="${key}"]`);
  button?.click();
  return Boolean(button);
}

function mark() {
  const box = document.activeElement?.closest?.("[data-row]")?.querySelector("input[type=checkbox]");
  if (box) box.checked = !box.checked;
  return Boolean(box);
}

function undo() {
  const form = document.querySelector("form[data-undo]");
  form?.requestSubmit();
  return Boolean(form);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]") || keysAreOff()) return;
  const act = { x: mark, u: undo, "/": () => { document.querySelector("[data-find]")?.focus(); return true; } }[event.key]
    ?? (["t", "r", "n", "d"].includes(event.key) ? () => press(event.key) : null);
  if (act && act()) event.preventDefault();
});

// While a scan is under way the page says how far it is, and shows what it found when it is over.
const scan = document.querySelector("#scan[data-running]");
if (scan) {
  const timer = setInterval(async () => {
    const answer = await fetch("/desk/review/scan", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { running, sentence } = await answer.json();
    if (running) scan.querySelector("span").textContent = sentence;
    else {
      clearInterval(timer);
      if (!document.querySelector(".asked :checked")) location.replace("/desk/review");
      else scan.textContent = "Done. Load the page again to see what is new.";
    }
  }, 1500);
}
