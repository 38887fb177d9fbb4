// Times in the reader's zone with UTC beside, and how long ago they were by the server's clock.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const STEPS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [Infinity, "day", 86400]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });
const utcClock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23", timeZone: "UTC" });
const utcDay = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
const ownDay = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const minutes = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
let ahead = 0; // milliseconds that the server's clock is ahead of this one

/** Learn the server's clock from an answer; it tells whole seconds. */
export function learnClock(answer) {
  const told = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) {
    const found = told + 500 - Date.now();
    ahead = Math.abs(found) > 2000 ? found : 0;
  }
}

/** `Nov 24, 2026, 03:30:00 (02:30:00 UTC)` with UTC on one line; another day of it is told, too. */
export function moment(at) {
  if (zone === "UTC") return `${day.format(at)}, ${clock.format(at)} UTC`;
  const other = utcDay.format(at) === ownDay.format(at) ? "" : `${utcDay.format(at)}, `;
  const utc = `(${other}${utcClock.format(at)} UTC)`;
  return `${day.format(at)}, ${clock.format(at)} ${utc.replaceAll(" ", "\u00a0")}`;
}

function ago(at) {
  const seconds = Math.round((at - Date.now() - ahead) / 1000);
  const [, unit, length] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  return words.format(Math.trunc(seconds / length), unit);
}

/** Write every time below `root` as the reader knows it. */
export function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-shown]")) {
    const at = new Date(time.dateTime);
    const text = time.dataset.shown === "ago" ? ago(at) : moment(at);
    if (time.textContent !== text) time.textContent = text;
    if (time.dataset.shown === "ago" && !time.title) time.title = moment(at);
  }
  if (zone !== "UTC") showAxis(root);
  for (const name of root.querySelectorAll("[data-zone]")) {
    name.textContent = zone === "UTC" ? "UTC" : `in your zone, ${zone}, with UTC beside`;
  }
}

/** Of each time of a chart's axis the reader's own, and UTC below it. */
function showAxis(root) {
  for (const text of root.querySelectorAll("text[data-time]:not([data-done])")) {
    text.nextElementSibling.textContent = `${text.textContent} UTC`;
    text.textContent = minutes.format(new Date(text.dataset.time));
    text.dataset.done = "";
  }
}
