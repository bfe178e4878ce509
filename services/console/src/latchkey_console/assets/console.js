// What every page of the console needs: the reader's own clock, copy buttons, selects that send their form.

// In English days come before months here, and the clock has 24 hours.
const language = document.documentElement.lang.startsWith("en") ? "en-GB" : document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];
const NOW = ["second", 60];
const MONTH = 30 * 86_400;

/** A moment by the reader's clock; of the last month how long ago it was, where the page wants that. */
function shown(time) {
  const at = new Date(time.dateTime);
  const seconds = (Date.now() - at) / 1000;
  if (!("ago" in time.dataset) || seconds > MONTH) return clock.format(at);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? NOW;
  return distance.format(-Math.floor(Math.max(0, seconds) / size), unit);
}

/** Show times as the reader's clock has them; the exact one stays in the title. */
export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    time.dataset.local = "";
    time.title = time.textContent.trim();
    if (!Number.isNaN(Date.parse(time.dateTime)) && time.dateTime.includes("T")) time.textContent = shown(time);
  }
}

// Whoever comes back to a page is not told of the time when they left it.
document.addEventListener("visibilitychange", () => {
  for (const time of document.querySelectorAll("time[data-ago]")) time.textContent = shown(time);
});

/** Say something in the page's status region. */
export function say(words) {
  const line = document.createElement("p");
  line.className = "done";
  line.textContent = words;
  document.getElementById("status")?.replaceChildren(line);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = "value" in source ? source.value : source.textContent.trim();
  await navigator.clipboard.writeText(text);
  say(button.dataset.copied);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form.switcher");
  if (form) form.requestSubmit();
});

// Browsers that do not know `command` yet.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (button?.getAttribute("command") === "show-modal") dialog.showModal();
    else if (button?.getAttribute("command") === "close") dialog.close();
  });
}

localise(document);
new MutationObserver((changes) => {
  for (const change of changes) if (change.target instanceof Element) localise(change.target);
}).observe(document.body, { childList: true, subtree: true });
