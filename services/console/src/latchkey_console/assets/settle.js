// A page that answers a form, with a link that is shown once: reloading must show the list, not send the form again.

const card = document.querySelector("[data-settle]");
if (card) {
  history.replaceState(null, "", card.dataset.settle);
  card.querySelector("h2")?.focus();
}
