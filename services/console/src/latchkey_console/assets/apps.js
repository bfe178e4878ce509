// The App Center: tabs that do not reload, rows of redirect URLs, what is not saved yet, a new secret until it is stored.

import { say } from "./console.js";
import "./matrix.js"; // first: what it makes of the boxes is what the form held when it came

const page = document.getElementById("page");
const form = () => document.getElementById("client");
const secret = () => document.querySelector("#new-secret > *");
let first; // what the form held when it came
let leaving = false;

// ---- what is not saved yet

function held(of) {
  const found = new Map();
  for (const [name, value] of new FormData(of)) {
    if (!["csrf", "workspace", "revision", "tab"].includes(name) && typeof value === "string" && value.trim())
      found.set(name, [...(found.get(name) ?? []), value.replaceAll("\r\n", "\n")]);
  }
  for (const name of [...found.keys()].filter((one) => one.endsWith("_unit"))) {
    const number = name.slice(0, -"_unit".length); // a number and its unit are one setting
    if (found.has(number)) found.set(number, [`${found.get(number)} ${found.get(name)}`]);
    found.delete(name);
  }
  return found;
}

function less(some, others) {
  const rest = [...others];
  return some.filter((one) => !rest.includes(one) || !rest.splice(rest.indexOf(one), 1)).length;
}

/** Of permissions, an action is one change, however many of its fields are. */
function actions(before, after) {
  const moved = [...before.filter((one) => !after.includes(one)), ...after.filter((one) => !before.includes(one))];
  return new Set(moved.map((word) => word.replace(/\..*:/, ":"))).size;
}

function unsaved() {
  if (!form()) return 0;
  const now = held(form());
  let count = Number(form().dataset.changes);
  for (const name of new Set([...first.keys(), ...now.keys()])) {
    const [before, after] = [first.get(name) ?? [], now.get(name) ?? []];
    count += name === "permissions" ? actions(before, after) : Math.max(less(before, after), less(after, before));
  }
  return count;
}

function count() {
  const bar = page?.querySelector(".save-bar");
  if (!bar) return;
  const changes = unsaved();
  const words = changes === 1 ? page.dataset.one : page.dataset.many.replace("#", changes);
  const line = bar.querySelector("[data-count]");
  if (line.textContent !== (changes ? words : "")) line.textContent = changes ? words : "";
  bar.hidden = !changes;
}

function begin() {
  if (!form()) return;
  first = held(form());
  show(page.dataset.tab);
  count();
}

// ---- tabs

function show(tab) {
  page.dataset.tab = tab;
  for (const panel of page.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== tab;
  for (const link of page.querySelectorAll(".tabs [data-tab]")) {
    if (link.dataset.tab === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const field of page.querySelectorAll('input[name="tab"]')) field.value = tab;
}

/** Open the tab that a field is on, and the part that it is in. */
function uncover(field) {
  const panel = field?.closest("[data-panel]");
  if (panel?.hidden) show(panel.dataset.panel);
  const part = field?.closest("details");
  if (part) part.open = true;
}

/** Of a tab, or of the list of connections as a page of its own; the list may be of those that have ended. */
function addressOf(tab) {
  const ended = document.querySelector("#connections[data-ended]") && (!page || tab === "connections");
  if (!page) return ended ? `${location.pathname}?ended=1` : location.pathname;
  return `${page.dataset.address}?tab=${tab}${ended ? "&ended=1" : ""}`;
}

function open(link) {
  const address = addressOf(link.dataset.tab);
  if (page.dataset.tab !== link.dataset.tab) {
    history.pushState({ tab: link.dataset.tab }, "", address);
    document.getElementById("status").replaceChildren(); // "Saved." is of the tab before
  }
  show(link.dataset.tab);
  if (link.hash) document.querySelector(link.hash)?.scrollIntoView({ block: "center" });
}

// ---- rows of redirect URLs

function addRow(button) {
  const fields = button.closest("fieldset");
  const row = fields.querySelector("template[data-row]").content.cloneNode(true).firstElementChild;
  const id = `redirect-${crypto.randomUUID()}`;
  row.querySelector("label").htmlFor = row.querySelector("input").id = id;
  row.querySelector(".problem").id = `${id}-problem`;
  row.querySelector("input").setAttribute("aria-describedby", `${id}-problem redirects-help`);
  fields.querySelector("[data-rows]").append(row);
  window.htmx?.process(row);
  row.querySelector("input").focus();
}

function removeRow(button) {
  const row = button.closest(".redirect");
  const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("input");
  const add = row.closest("fieldset").querySelector("[data-add-row]");
  row.remove();
  (next ?? add).focus();
}

// ---- a new secret

function stored() {
  document.getElementById("new-secret").replaceChildren();
  page.querySelector("[data-store]")?.remove();
  page.querySelector(".tabs [aria-current]")?.focus();
}

function download(button) {
  const lines = [
    `LATCHKEY_ISSUER=${button.dataset.issuer}`,
    `LATCHKEY_CLIENT_ID=${button.dataset.client}`,
    `LATCHKEY_CLIENT_SECRET=${document.getElementById("secret-value").textContent.trim()}`,
  ];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
  link.download = button.dataset.env;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function reveal() {
  for (const button of document.querySelectorAll("[data-env]")) button.hidden = false;
}

// ---- what happens on the page

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const found = (selector) => event.target.closest(selector);
  const does = [
    ["#page a[data-tab]", open],
    ["[data-add-row]", addRow],
    ["[data-remove-row]", removeRow],
    ["[data-stored]", stored],
    ["[data-env]", download],
  ].find(([selector]) => found(selector));
  if (!does) return;
  event.preventDefault();
  does[1](found(does[0]));
  if (page) count();
});

document.addEventListener("change", (event) => {
  const file = event.target.closest("input[type=file][data-largest]");
  if (!file?.files.length) return;
  const tooLarge = file.files[0].size > Number(file.dataset.largest);
  document.getElementById("logo-problem").textContent = tooLarge ? file.dataset.tooLarge : "";
  if (tooLarge) file.value = "";
});

document.addEventListener("input", (event) => {
  if (event.target.form === form()) count();
});

document.addEventListener("invalid", (event) => uncover(event.target), true);

document.addEventListener("submit", (event) => {
  const sent = event.target;
  document.getElementById("status").replaceChildren();
  if (sent.matches("[data-once]")) {
    if (sent.dataset.sent) event.preventDefault();
    if (event.submitter?.name !== "row") sent.dataset.sent = "1";
  }
  if (sent === form() || (sent.closest("#page") && !sent.closest("[hx-post], #audit"))) leaving = true;
});

document.addEventListener("htmx:after:swap", (event) => {
  const to = event.target;
  if (document.querySelector("[data-filters]")?.contains(to) || to.matches?.("[data-filters], #found")) {
    const asked = new URLSearchParams(new FormData(document.querySelector("[data-filters]")));
    for (const [name, value] of [...asked]) if (!value) asked.delete(name);
    history.replaceState(null, "", asked.size ? `/apps?${asked}` : "/apps");
    return;
  }
  const tab = new URLSearchParams(location.search).get("tab");
  if (document.getElementById("connections") && (!page || tab === "connections"))
    history.replaceState(history.state, "", addressOf(tab));
  for (const row of document.querySelectorAll(".redirect")) {
    const wrong = row.querySelector(".problem").textContent.trim() !== "";
    row.querySelector("input").toggleAttribute("aria-invalid", wrong);
    if (wrong) row.querySelector("input").setAttribute("aria-invalid", "true");
  }
  reveal();
});

document.addEventListener("htmx:finally:swap", () => {
  if (!page) return;
  const swapped = form() && form() !== page.lastForm;
  page.lastForm = form();
  if (swapped) {
    leaving = false;
    begin();
    const wrong = document.querySelector('#client [aria-invalid="true"]');
    uncover(wrong);
    (wrong ?? document.querySelector("#alert [tabindex]"))?.focus();
  }
  const logo = document.getElementById("logo");
  if (logo?.dataset.said) say(logo.dataset.said);
  delete logo?.dataset.said;
  const shown = secret();
  if (shown && shown !== page.lastSecret) shown.focus();
  page.lastSecret = shown;
  show(page.dataset.tab);
  count();
});

document.addEventListener("htmx:error", () => {
  leaving = false;
});

document.addEventListener("htmx:response:error", (event) => {
  const lazy = event.target.closest?.("[data-lazy]");
  if (lazy) say(lazy.dataset.lazy);
});

addEventListener("beforeunload", (event) => {
  if (page && !leaving && (unsaved() || secret())) event.preventDefault();
});

addEventListener("popstate", () => {
  if (page) show(new URLSearchParams(location.search).get("tab") ?? "general");
});

addEventListener("pageshow", () => {
  leaving = false;
  for (const sent of document.querySelectorAll("[data-sent]")) delete sent.dataset.sent;
});

if (page) {
  // The answer to a form stands at the form's address, and words of success at theirs: reloading is to show neither again.
  const again = location.pathname !== page.dataset.address || location.search.includes("said=");
  if (again) history.replaceState(null, "", `${page.dataset.address}?tab=${page.dataset.tab}`);
  page.lastForm = form();
  page.lastSecret = secret();
  begin();
  reveal();
  secret()?.focus();
}
