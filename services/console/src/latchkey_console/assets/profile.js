// Whoever pressed a button in a list that is swapped goes on from the list.

document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body) document.querySelector("[data-swapped]")?.focus();
});
