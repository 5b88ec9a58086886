// The text as it is, in one node that grows.
import { body, serve } from "./page.js";
body.className = "plain";
const node = body.appendChild(document.createTextNode(""));
serve({ grow: (_, delta) => node.appendData(delta), finish() {} });
