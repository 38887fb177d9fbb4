// What makes an open page live: its parts anew, and times in the reader's own zone.
import { keepPartsFresh } from "./parts.js";
import { showTimes } from "./times.js";

showTimes(document);
setInterval(() => showTimes(document), 1000);
keepPartsFresh();
