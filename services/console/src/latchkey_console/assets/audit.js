// The log: short addresses, days of the reader's own clock, entries beside the list, and the list live.

document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-log-filters]")) return;
  const form = event.formData;
  if (form.get("range") === event.target.dataset.logFilters) form.delete("range");
  if (form.get("range") === "custom") form.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  else for (const name of ["from", "to", "zone"]) form.delete(name);
  for (const [name, value] of [...form]) if (!value) form.delete(name);
});

// On the page of an app htmx swaps the list: the address tells of the filters there, too, and the focus stays.
document.addEventListener("htmx:after:swap", () => {
  const list = document.getElementById("audit");
  const here = new URLSearchParams(location.search);
  if (!list || here.get("tab") !== "audit") return;
  history.replaceState(history.state, "", `?${new URLSearchParams(`tab=audit&${list.dataset.query}`)}`);
  if (document.activeElement === document.body) list.focus();
});

// Beside the list where there is room, else on a page of its own.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-entry]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (!matchMedia("(min-width: 900px)").matches) return;
  event.preventDefault();
  const panel = document.getElementById("audit-entry");
  await htmx.ajax("GET", link.getAttribute("href"), { target: "#audit-entry-body", swap: "innerHTML" });
  if (!panel.open) panel.showModal();
});

const PAUSE = 5_000;
const LONGEST = 60_000;

/** Counts what came since the list was shown. It asks while it is switched on and somebody can see it. */
class LiveEvents extends HTMLElement {
  #wait = PAUSE;
  #timer = 0;

  connectedCallback() {
    this.hidden = false;
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#switch(!this.#on));
    this.seen = () => (document.hidden ? this.#stop() : this.#on && this.#ask());
    document.addEventListener("visibilitychange", this.seen);
    if (sessionStorage.getItem("live") === "on") this.#switch(true);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.seen);
    this.#stop();
  }

  get #on() {
    return this.button.getAttribute("aria-pressed") === "true";
  }

  #switch(on) {
    this.button.setAttribute("aria-pressed", on);
    sessionStorage.setItem("live", on ? "on" : "off");
    if (on) this.#ask();
    else this.#stop();
  }

  #stop() {
    clearTimeout(this.#timer);
  }

  async #ask() {
    this.#stop();
    try {
      const answer = await fetch(this.dataset.url, { headers: { "HX-Request": "true" } });
      if (answer.status < 500 && answer.status !== 429 && !answer.ok) return this.#end();
      if (!answer.ok) throw new Error(answer.statusText);
      this.#wait = PAUSE;
      this.#tell(await answer.text());
    } catch {
      this.#wait = Math.min(this.#wait * 2, LONGEST);
      this.#tell(this.dataset.lost);
    }
    this.#stop();
    if (this.#on && this.isConnected && !document.hidden) this.#timer = setTimeout(() => this.#ask(), this.#wait);
  }

  #end() {
    this.#switch(false);
    this.#tell(this.dataset.over);
  }

  /** What is said again is not heard again. */
  #tell(markup) {
    const news = this.querySelector(".news");
    if (this.told === markup.trim()) return;
    this.told = markup.trim();
    news.innerHTML = this.told;
    htmx.process(news);
  }
}

customElements.define("live-events", LiveEvents);
