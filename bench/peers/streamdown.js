import { createElement } from "react";
import { Streamdown } from "streamdown";
import { serveReact } from "./react.js";
serveReact((text, isFinished) => createElement(Streamdown, { isAnimating: !isFinished, children: text }));
