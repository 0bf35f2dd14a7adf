/**
 * While somebody writes, the checks, the cited lines and the preview are made anew by the server, from the same form
 * and the same page as without JavaScript ("Check and preview"). And nothing that was typed is lost by a slip.
 */
const PARTS = ["problems", "cited", "preview"];
const WAIT_MS = 600;

for (const form of document.querySelectorAll("form[data-live-checks]")) live(form);
for (const form of document.querySelectorAll("main form[method=post]")) guard(form);

function live(form) {
  let timer, running;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(check, WAIT_MS);
  };
  form.addEventListener("input", later);

  async function check() {
    running?.abort();
    running = new AbortController();
    const sent = new URLSearchParams(new FormData(form));
    sent.set("do", "check");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: sent, headers: { Accept: "text/html" }, signal: running.signal,
      });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) {
      if (error.name !== "AbortError") console.warn("the checks could not be made anew");
    }
  }
}

function show(page) {
  for (const id of PARTS) {
    const [here, there] = [document.getElementById(id), page.getElementById(id)];
    if (!here || !there || here.innerHTML === there.innerHTML) continue;
    const open = here.querySelector("details")?.open;
    here.className = there.className;
    here.replaceChildren(...there.childNodes);
    const details = here.querySelector("details");
    if (details && open) details.open = true;
  }
}

/** Leaving the page with something typed and not saved asks first. */
function guard(form) {
  let touched = Boolean(document.querySelector(".wrong[role=alert]"));
  form.addEventListener("input", () => (touched = true));
  form.addEventListener("submit", () => (touched = false));
  addEventListener("beforeunload", (event) => touched && form.querySelector("textarea") && event.preventDefault());
}
