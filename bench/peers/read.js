// The stream is read and nothing is shown.
import { serve } from "./page.js";
serve({ grow() {}, finish() {} });
