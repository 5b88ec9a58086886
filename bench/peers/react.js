// What the React renderers share: the text is the only state, and the composer is no part of it.

import { createElement, useState } from "react";
import { createRoot } from "react-dom/client";
import { body, serve } from "./page.js";

/** Shows `render(text, isFinished)` while the text grows. */
export function serveReact(render) {
  let show;
  function Answer() {
    const [state, setState] = useState({ text: "", isFinished: false });
    show = setState;
    return render(state.text, state.isFinished);
  }
  createRoot(body).render(createElement(Answer));
  serve({
    grow: (text) => show({ text, isFinished: false }),
    finish: (text) => show({ text, isFinished: true }),
  });
}
