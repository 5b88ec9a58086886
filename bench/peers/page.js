// The page that all peers share: it reads the stream, hands over what came once per frame, and follows the end.

const body = document.querySelector("#body");
const transcript = document.querySelector("#transcript");

/**
 * Installs `window.ask`, which streams one answer through a renderer.
 *
 * `grow(text, delta)` is called at most once per frame with all the text so far and what is new of it; `finish(text)` once,
 * when the text is complete.
 */
export function serve({ grow, finish }) {
  window.status = "ready";
  window.ask = async (url, message, model) => {
    window.status = "streaming";
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ message, model, stream: true }),
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "", waiting = "", rest = "", isDue = false;
    const flush = () => {
      isDue = false;
      if (!waiting) return;
      const delta = waiting;
      waiting = "";
      text += delta;
      grow(text, delta);
      follow();
    };
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      rest += value;
      const end = rest.lastIndexOf("\n") + 1;
      for (const line of rest.slice(0, end).split("\n")) {
        if (!line.startsWith("data: {")) continue;
        const event = JSON.parse(line.slice(6));
        if (event.type === "response.output_text.delta") waiting += event.delta;
      }
      rest = rest.slice(end);
      if (waiting && !isDue) {
        isDue = true;
        requestAnimationFrame(flush);
      }
    }
    flush();
    await finish(text);
    follow();
    requestAnimationFrame(() => requestAnimationFrame(() => { window.status = "done"; }));
  };
}

function follow() {
  transcript.scrollTop = transcript.scrollHeight;
}

export { body };
