// The whole text is parsed, cleaned and set again for each frame.
import DOMPurify from "dompurify";
import { marked } from "marked";
import { body, serve } from "./page.js";
const render = (text) => { body.innerHTML = DOMPurify.sanitize(marked.parse(text)); };
serve({ grow: render, finish: render });
