// A form whose changes are not saved: leaving the page asks first.

import "./matrix.js"; // first: what it makes of the boxes is what the form held when it came

const form = document.querySelector("form[data-guard]");
if (form) {
  const held = () => new URLSearchParams(new FormData(form)).toString();
  const first = form.dataset.guard === "unsaved" ? "" : held();
  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && held() !== first) event.preventDefault();
  });
}
