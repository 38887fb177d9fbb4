// Each part of an open page is asked for again and again; a server that is away is told, and waited for.
import { learnClock, moment, showTimes } from "./times.js";

const PATIENCE = 10_000; // milliseconds for one answer
const RETRY = 2_000;
const tags = new Map();
const connection = document.getElementById("connection");
const announcer = document.getElementById("announcer");
const title = document.title;
let lastAnswer = new Date();
let missingSince = null;

/** Begin for all of them; a page that nobody looks at asks for nothing. */
export function keepPartsFresh() {
  showTitle();
  for (const place of document.querySelectorAll("[data-part]")) repeat(place);
}

/** The state in the tab's title, for whoever looks at another tab. */
function showTitle() {
  const word = document.querySelector(".state")?.dataset.word;
  const told = missingSince ? "no answer" : word;
  document.title = told ? `${told[0].toUpperCase()}${told.slice(1)} · ${title}` : title;
}

async function repeat(place) {
  for (;;) {
    await pause(missingSince ? RETRY : secondsOf(place) * 1000);
    await visible();
    await refresh(place);
  }
}

function secondsOf(place) {
  const own = place.querySelector("[data-every]");
  return Number((own ?? place).dataset.every);
}

async function refresh(place) {
  let answer, text;
  try {
    const tag = tags.get(place);
    answer = await fetch(place.dataset.part, {
      cache: "no-store",
      headers: { Accept: "text/html", ...(tag && { "If-None-Match": tag }) },
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = answer.status === 200 ? await answer.text() : "";
  } catch (error) {
    return isAway(error.name === "TimeoutError" ? "does not answer in time" : "does not answer");
  }
  if (answer.status === 401) return location.reload();
  if (answer.status !== 200 && answer.status !== 304) return isAway(`answers ${answer.status}`);
  isBack();
  learnClock(answer);
  const version = answer.headers.get("Page-Version");
  if (version && version !== document.documentElement.dataset.version) return location.reload();
  if (answer.status === 200 && !isBeingRead(place)) {
    tags.set(place, answer.headers.get("ETag"));
    replace(place, text);
  }
}

/** New text in place of the old; what is open, focused or scrolled stays so. */
function replace(place, text) {
  const open = [...place.querySelectorAll("details[open][id]")].map((one) => one.id);
  const scrolled = [...place.querySelectorAll(".scrolled")].map((one) => one.scrollLeft);
  const focused = place.contains(document.activeElement) ? pathTo(place, document.activeElement) : null;
  const word = place.querySelector("[data-word]")?.dataset.word;
  place.innerHTML = text;
  for (const id of open) place.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  place.querySelectorAll(".scrolled").forEach((one, at) => { one.scrollLeft = scrolled[at] ?? 0; });
  if (focused) follow(place, focused)?.focus({ preventScroll: true });
  showTimes(place);
  announce(word, place.querySelector("[data-word]"));
  showTitle();
}

function pathTo(place, element) {
  if (element.id) return { id: element.id };
  const steps = [];
  for (let at = element; at !== place; at = at.parentElement) {
    steps.unshift([...at.parentElement.children].indexOf(at));
  }
  return { steps };
}

function follow(place, { id, steps }) {
  if (id) return place.querySelector(`#${CSS.escape(id)}`);
  return steps.reduce((at, step) => at?.children[step], place);
}

function isBeingRead(place) {
  const selection = getSelection();
  return !selection.isCollapsed && place.contains(selection.anchorNode);
}

function announce(before, now) {
  if (now && before && before !== now.dataset.word) {
    announcer.textContent = now.dataset.told ?? `The state is now ${now.dataset.word}`;
  }
}

function isAway(how) {
  missingSince ??= new Date();
  connection.textContent =
    `The logger ${how} since ${moment(missingSince)}. What you see is of ${moment(lastAnswer)}. ` +
    "It is asked again every 2 seconds.";
  connection.hidden = false;
  document.getElementById("main").classList.add("is-old");
  showTitle();
}

function isBack() {
  lastAnswer = new Date();
  if (!missingSince) return;
  missingSince = null;
  connection.hidden = true;
  document.getElementById("main").classList.remove("is-old");
  showTitle();
  announcer.textContent = "The logger answers again";
}

function pause(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

function visible() {
  if (document.visibilityState === "visible") return null;
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}
