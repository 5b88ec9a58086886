// The whole text is cut into blocks for each frame, and blocks that changed are parsed, cleaned and set again.
import DOMPurify from "dompurify";
import { marked } from "marked";
import { body, serve } from "./page.js";
const shown = [];
const render = (text) => {
  const tokens = marked.lexer(text);
  tokens.forEach((token, i) => {
    if (shown[i]?.raw === token.raw) return;
    const element = shown[i]?.element ?? body.appendChild(document.createElement("div"));
    const block = [token];
    block.links = tokens.links;
    element.innerHTML = DOMPurify.sanitize(marked.parser(block));
    shown[i] = { raw: token.raw, element };
  });
  for (const { element } of shown.splice(tokens.length)) element.remove();
};
serve({ grow: render, finish: render });
