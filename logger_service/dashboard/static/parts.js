// Each part of an open page is asked for again and again; a server that is away is told, and waited for.
import { learnClock, moment, showTimes } from "./times.js";

const PATIENCE = 10_000; // milliseconds for one answer
const RETRY_SECONDS = 2;
const connection = document.getElementById("connection");
const announcer = document.getElementById("announcer");
const main = document.getElementById("main");
const title = document.title;
const places = [...document.querySelectorAll("[data-part]")];
const tags = new Map();
const refused = new Map(); // place to what the server says instead of its text
const back = new EventTarget();
let lastAnswer = new Date();
let missingSince = null;

/** Begin for all of them; a page that nobody looks at asks for nothing. */
export function keepPartsFresh() {
  showTitle();
  for (const place of places) repeat(place);
}

async function repeat(place) {
  for (;;) {
    await pause(missingSince || refused.has(place) ? RETRY_SECONDS : secondsOf(place));
    await visible();
    await refresh(place);
  }
}

function secondsOf(place) {
  const own = place.querySelector("[data-every]");
  return Number((own ?? place).dataset.every);
}

async function refresh(place) {
  const answer = await ask(place);
  if (!answer) {
    isAway();
    return;
  }
  isBack();
  if (answer.isLoginWanted) {
    location.reload();
    return;
  }
  learnClock(answer);
  const isGood = answer.status === 200 || answer.status === 304;
  if (isGood) refused.delete(place);
  else refused.set(place, answer.status);
  tell();
  if (!isGood) return;
  if (isOfAnother(answer)) location.reload();
  if (answer.status === 200 && !isBeingRead(place)) {
    tags.set(place, answer.headers.get("ETag"));
    replace(place, answer.body);
  }
}

/** Whether the page was made from other files, or tells of an instance that is gone. */
function isOfAnother({ headers }) {
  const { version, instance } = document.documentElement.dataset;
  const named = [[headers.get("Page-Version"), version], [headers.get("Page-Instance"), instance]];
  return named.some(([now, before]) => now && now !== before);
}

/**
 * Null where no answer of the logger's own comes: it is away, or a proxy speaks for it.
 * It is asked for a page, as whose answer to a session that is over leads to the login: to a program's
 * a browser would open a window of its own, and the answer would wait for that.
 */
async function ask(place) {
  const tag = tags.get(place);
  try {
    const answer = await fetch(place.dataset.part, {
      cache: "no-store",
      headers: { Accept: "text/html", ...(tag && { "If-None-Match": tag }) },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if ([502, 504].includes(answer.status)) return null;
    if (answer.type === "opaqueredirect") return { isLoginWanted: true };
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  } catch {
    return null;
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

function isAway() {
  missingSince ??= new Date();
  tell();
}

function isBack() {
  lastAnswer = new Date();
  if (!missingSince) return;
  missingSince = null;
  announcer.textContent = "The logger answers again";
  tell();
  back.dispatchEvent(new Event("back")); // every part is old by now
}

/** What is wrong with what one sees, above all of it. */
function tell() {
  const [status] = refused.values();
  let text = "";
  if (missingSince) {
    text = `The logger has not answered since ${moment(missingSince)}. What you see is of ` +
      `${moment(lastAnswer)}. It is asked again every ${RETRY_SECONDS} seconds.`;
  } else if (status) {
    text = `A part of this page is old: the logger answers ${status}. ` +
      `It is asked again every ${RETRY_SECONDS} seconds.`;
  }
  if (connection.textContent !== text) connection.textContent = text;
  connection.hidden = !text;
  main.classList.toggle("is-old", missingSince !== null);
  for (const place of places) place.classList.toggle("is-old", refused.has(place));
  showTitle();
}

/** The state in the tab's title, for whoever looks at another tab. */
function showTitle() {
  const word = missingSince ? "no answer" : document.querySelector(".state")?.dataset.word;
  document.title = word ? `${word[0].toUpperCase()}${word.slice(1)} · ${title}` : title;
}

/** So many seconds, or until a server that was away is back. */
function pause(seconds) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      back.removeEventListener("back", over);
      resolve();
    };
    const timer = setTimeout(over, seconds * 1000);
    back.addEventListener("back", over);
  });
}

function visible() {
  if (document.visibilityState === "visible") return null;
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}
