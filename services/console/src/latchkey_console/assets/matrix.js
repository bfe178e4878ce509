// The permission matrix: parents know their fields, View comes along, rows and columns at once, search, arrow keys.
// Without it the boxes alone say the same (apps/matrix.py), so what is sent is always just the ticked ones.

const words = (text, what) => text.replace("{what}", what);

class Matrix {
  constructor(root) {
    this.root = root;
    this.said = root.querySelector("[role=status]");
    this.undo = root.querySelector("[data-undo]");
    this.boxes = [...root.querySelectorAll("table input")];
    this.bodies = [...root.querySelectorAll("tbody.model")];
    this.titles = Object.fromEntries([...root.querySelectorAll("th[data-action]")].map((th) => [th.dataset.action, th.dataset.title]));
    for (const body of this.bodies) this.open(body);
    this.paint();
    root.classList.add("live");
    for (const one of root.querySelectorAll(".matrix-tools, [data-column], [data-row]")) one.hidden = false;
    this.listen();
    const wrong = root.querySelector(".table [aria-invalid]");
    if (wrong) root.querySelector(".table").scrollTop = wrong.closest("tbody").offsetTop - 72;
  }

  listen() {
    // Before "change", on which others count and show what is ticked by then.
    this.root.addEventListener("input", (event) => this.changed(event.target));
    this.root.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    this.root.closest("form")?.addEventListener("reset", () => setTimeout(() => this.paint()));
  }

  /** Fields of what is not granted are ticked in the page, for those without script; here they are not. */
  open(body) {
    for (const leaf of body.querySelectorAll(".leaf")) {
      if (!this.whole(body, leaf.dataset.action).checked) leaf.checked = leaf.defaultChecked = false;
    }
  }

  whole(body, action) { return body.querySelector(`.whole[data-action="${action}"]`); }
  leaves(body, action) { return [...body.querySelectorAll(`.leaf[data-action="${action}"]`)]; }
  fields(body, action) { return this.leaves(body, action).filter((leaf) => leaf.dataset.field !== "*"); }

  isOn(body, action) {
    const fields = this.fields(body, action);
    return fields.length ? fields.some((leaf) => leaf.checked) : Boolean(this.whole(body, action)?.checked);
  }

  set(body, action, value) {
    const whole = this.whole(body, action);
    if (whole) for (const box of [whole, ...this.leaves(body, action)]) box.checked = value;
  }

  changed(box) {
    if (box.matches("[data-selected], [type=search]")) return this.filter();
    const body = box.closest("tbody.model");
    if (!body) return undefined;
    const { action } = box.dataset;
    const value = box.dataset.state === "some" || box.checked;
    if (box.matches(".whole")) this.set(body, action, value);
    if (box.matches(".group")) for (const leaf of this.below(body, box)) leaf.checked = value;
    this.paint(this.follow(body, action));
    return undefined;
  }

  below(body, group) { return this.leaves(body, group.dataset.action).filter((leaf) => leaf.dataset.field.startsWith(group.dataset.prefix)); }

  /** What a change of one action does to others: whoever changes a record has to find it first. Gives words for it. */
  follow(body, action) {
    if (!this.whole(body, "view")) return "";
    const before = this.ticked();
    return action === "view" ? this.dropWithView(body, before) : this.addView(body, action, before);
  }

  addView(body, action, before) {
    if (action === "update" && this.isOn(body, "update")) {
      if (!this.leaves(body, "update").length) this.set(body, "view", true);
      for (const leaf of this.leaves(body, "update")) if (leaf.checked) this.leaf(body, "view", leaf.dataset.field).checked = true;
    }
    const finds = action === "remove" || action === "export";
    if (finds && this.isOn(body, action) && !this.isOn(body, "view")) this.set(body, "view", true);
    return this.ticked() === before ? "" : words(this.root.dataset.needs, body.dataset.title);
  }

  dropWithView(body, before) {
    const dropped = [];
    for (const leaf of this.leaves(body, "update")) {
      if (leaf.checked && !this.leaf(body, "view", leaf.dataset.field).checked) leaf.checked = false;
    }
    if (this.ticked() !== before) dropped.push("update");
    if (!this.isOn(body, "view")) {
      for (const action of ["update", "remove", "export"]) {
        if (this.isOn(body, action)) dropped.push(action);
        this.set(body, action, false);
      }
    }
    const named = [...new Set(dropped)].map((action) => this.titles[action]).join(", ");
    return named && words(this.root.dataset.drops, `${named} ${body.dataset.title}`);
  }

  leaf(body, action, field) { return this.leaves(body, action).find((leaf) => leaf.dataset.field === field); }
  ticked() { return this.boxes.map((box) => (box.matches(".group") ? "" : Number(box.checked))).join(""); }

  /** Show what follows from the fields, and say what else happened. */
  paint(said = "") {
    for (const body of this.bodies) for (const whole of body.querySelectorAll(".whole")) this.paintAction(body, whole);
    this.before = this.now;
    this.now = this.boxes.map((box) => box.checked);
    this.said.textContent = said;
    this.undo.hidden = !said || said === this.root.dataset.undone;
  }

  paintAction(body, whole) {
    const { action } = whole.dataset;
    const fields = this.fields(body, action);
    if (fields.length) {
      const later = this.leaf(body, action, "*");
      const on = fields.filter((leaf) => leaf.checked).length;
      later.disabled = !on;
      if (!on) later.checked = false;
      this.show(whole, on, on === fields.length && later.checked);
      whole.parentElement.querySelector(".count").textContent = whole.indeterminate ? `${on}/${fields.length}` : "";
    } else {
      this.show(whole, whole.checked, whole.checked);
    }
    for (const group of body.querySelectorAll(`.group[data-action="${action}"]`)) {
      const below = this.below(body, group);
      this.show(group, below.some((leaf) => leaf.checked), below.every((leaf) => leaf.checked));
    }
  }

  show(box, some, all) {
    box.checked = Boolean(some);
    box.indeterminate = Boolean(some) && !all;
    box.dataset.state = all ? "all" : some ? "some" : "none";
  }

  clicked(button) {
    if (!button) return;
    if (button.matches("[data-column]")) this.many(this.bodies.filter((body) => !body.hidden), [button.dataset.column], this.titles[button.dataset.column]);
    if (button.matches("[data-row]")) this.many([button.closest("tbody")], Object.keys(this.titles), button.closest("tbody").dataset.title);
    if (button.matches("[data-undo]")) this.goBack();
    if (button.matches("[data-clear]")) this.clear();
  }

  /** Tick all of them, or untick them when they all are ticked. */
  many(bodies, actions, what) {
    const all = bodies.flatMap((body) => actions.map((action) => this.whole(body, action))).filter(Boolean);
    const value = !all.every((whole) => whole.dataset.state === "all");
    for (const body of bodies) {
      for (const action of actions) this.set(body, action, value);
      for (const action of actions) this.follow(body, action);
    }
    this.paint(words(value ? this.root.dataset.ticked : this.root.dataset.unticked, what));
    this.tell();
  }

  goBack() {
    this.boxes.forEach((box, number) => { box.checked = this.before[number]; });
    this.paint(this.root.dataset.undone);
    this.root.querySelector(".table").focus();
    this.tell();
  }

  /** Boxes changed that nobody clicked: those who count changes and those who show them are told. */
  tell() {
    for (const kind of ["input", "change"]) this.root.querySelector("[type=hidden]").dispatchEvent(new Event(kind, { bubbles: true }));
  }

  filter() {
    const wanted = this.root.querySelector("[type=search]").value.trim().toLowerCase();
    const only = this.root.querySelector("[data-selected]").checked;
    for (const body of this.bodies) {
      body.hidden = !body.dataset.searched.includes(wanted) || (only && !body.querySelector(".whole:checked"));
    }
    for (const part of this.root.querySelectorAll("tbody.part")) part.hidden = !part.parentElement.querySelector("tbody.part ~ tbody.model:not([hidden])");
    this.root.querySelector(".matrix-nothing").hidden = this.bodies.some((body) => !body.hidden);
  }

  clear() {
    const search = this.root.querySelector("[type=search]");
    search.value = "";
    this.root.querySelector("[data-selected]").checked = false;
    this.filter();
    search.focus();
  }

  pressed(event) {
    if (event.key === "Enter" && event.target.matches("[type=search], [data-selected]")) event.preventDefault();
    const cell = event.target.matches("table input") && event.target.closest("td");
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    if (!cell || !(down || right)) return;
    event.preventDefault();
    const rows = [...cell.closest("table").rows].filter((row) => row.offsetParent !== null);
    let [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex];
    do { row += down; column += right; } while (rows[row]?.cells[column] && !usable(rows[row].cells[column]));
    usable(rows[row]?.cells[column])?.focus();
  }
}

const usable = (cell) => cell?.querySelector("input:enabled") ?? null;

const begin = () => {
  for (const root of document.querySelectorAll(".matrix:not(.live)")) new Matrix(root);
};

begin();
document.addEventListener("htmx:after:swap", begin);
