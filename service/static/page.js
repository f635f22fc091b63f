// Makes the page better where JavaScript runs: chips with look-ahead, print buttons, focus after each step, and one key
// that clears the page. Nothing is stored; without this file every step works by plain forms.
import { initAll } from "/static/vendor/nhsuk-frontend.min.js";
import { enhanceChips } from "/static/chips.js";

const TWICE_WITHIN_MS = 1500;
let lastEscape = -TWICE_WITHIN_MS;

function clearPage() {
  document.body.replaceChildren();
  document.title = "Service matcher";
  window.location.replace("/");
}

function enhance() {
  document.documentElement.classList.add("app-has-script");
  document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
  initAll();
  document.querySelectorAll("[data-chips]").forEach(enhanceChips);
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  document.querySelectorAll("[data-clear]").forEach((form) =>
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearPage();
    }),
  );
}

function moveFocus() {
  const target = document.getElementById("accounts") || document.querySelector(".nhsuk-error-summary, h1");
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.focus();
  const alert = document.querySelector(".app-alert, .app-stop");
  if (target.tagName === "H1" && alert) window.scrollTo(0, 0);
  else target.scrollIntoView({ block: "start" });
}

function announce(text) {
  const place = document.querySelector(".app-busy");
  if (place) place.textContent = text;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (event.timeStamp - lastEscape < TWICE_WITHIN_MS) clearPage();
  lastEscape = event.timeStamp;
});

document.addEventListener("htmx:beforeRequest", () => announce("Working on it"));
document.addEventListener("htmx:sendError", () => announce("The service cannot be reached. What you typed is still here."));
document.addEventListener("htmx:beforeSwap", (event) => {
  const type = event.detail.xhr.getResponseHeader("Content-Type") || "";
  if (type.startsWith("text/html")) return;
  event.detail.shouldSwap = false;
  announce("The service could not answer. What you typed is still here: try again in a moment.");
});
document.addEventListener("htmx:afterSettle", () => {
  enhance();
  moveFocus();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) clearPage();
});

enhance();
