import { createElement } from "react";
import { IncremarkContent } from "@incremark/react";
import { serveReact } from "./react.js";
serveReact((content, isFinished) => createElement(IncremarkContent, { content, isFinished }));
