import { createElement } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { serveReact } from "./react.js";
const plugins = [remarkGfm];
serveReact((text) => createElement(Markdown, { remarkPlugins: plugins, children: text }));
