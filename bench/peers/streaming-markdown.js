import * as smd from "streaming-markdown";
import { body, serve } from "./page.js";
const parser = smd.parser(smd.default_renderer(body));
serve({
  grow: (_, delta) => smd.parser_write(parser, delta),
  finish: () => smd.parser_end(parser),
});
