// The stream is read, and the finished text is rendered once.
import DOMPurify from "dompurify";
import { marked } from "marked";
import { body, serve } from "./page.js";
serve({
  grow() {},
  finish: (text) => { body.innerHTML = DOMPurify.sanitize(marked.parse(text)); },
});
