// While a job runs: its section is renewed every two seconds; when it is done, the whole page is.

const EVERY_MS = 2000;

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Patchline-Live": "1" }, redirect: "manual" });
    if (!answer.ok) return again();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("job");
    if (!now?.querySelector(".job")) return location.reload();
    const here = document.querySelector("#job .phase");
    const there = now.querySelector(".phase");
    if (here && there && here.textContent !== there.textContent) here.textContent = there.textContent;
  } catch {
    // the gateway is not there right now: it is asked again
  }
  return again();
}

function again() {
  setTimeout(look, EVERY_MS);
}

again();
