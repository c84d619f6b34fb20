// The first stop of the Tab key leads past the bar to what the page is about.
const SKIP = "poolwatch-skip";

function pageBegins() {
  const main = document.querySelector("[data-testid='stMain']");
  const heading = main?.querySelector("h1");
  if (heading) return heading;
  // Live has no heading: whatever is shown first below the bar.
  let next = main?.querySelector(".st-key-pw-head")?.closest("[data-testid='stLayoutWrapper']")?.nextElementSibling;
  while (next && !next.getClientRects().length) next = next.nextElementSibling;
  return next || null;
}

function skip(event) {
  event.preventDefault();
  const begins = pageBegins();
  if (!begins) return;
  begins.tabIndex = -1;
  begins.focus({ preventScroll: true });
  document.querySelector("[data-testid='stMain']").scrollTop = 0;
}

// Once for all pages, and before all else: the band of alarms may be mounted earlier.
function skipLink() {
  const there = document.getElementById(SKIP);
  if (there && there === document.body.firstElementChild) return;
  const link = there || document.createElement("a");
  link.id = SKIP;
  link.href = "#";
  link.textContent = "Skip to the page";
  link.onclick = skip;
  document.body.prepend(link);
}
