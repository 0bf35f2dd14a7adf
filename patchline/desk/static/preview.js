/**
 * Shows the draft in the chat that patients have: a frame beside what the server drew, which stays where no script runs or
 * the chat does not come up. What the frame gets is the message that the server made of the form, after each live check.
 */
const preview = document.getElementById("preview");
if (preview) framed(preview);

function framed(preview) {
  const around = preview.parentElement;
  const frame = document.createElement("iframe");
  frame.title = "The draft in the chat, as on a patient's phone. Nothing in it is sent.";
  frame.src = "/desk/preview";
  around.append(frame);

  let last;
  const show = () => {
    const said = preview.querySelector("data").value;
    if (said !== last) frame.contentWindow.postMessage(JSON.parse(said), location.origin);
    last = said;
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== location.origin || data !== "ready") return;
    around.classList.add("framed");
    last = undefined; // a frame that was loaded once more has nothing yet
    show();
    new MutationObserver(show).observe(preview, { childList: true, subtree: true });
  });
}
