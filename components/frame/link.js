// The site's line belongs to another component, which may be mounted later: this waits for it.
// Calls `hear` with the line's state on every message; returns how to stop.
function linked(hear) {
  let stop = null;
  let timer = 0;
  const attach = () => {
    if (!window.poolwatch) {
      timer = setTimeout(attach, 50);
      return;
    }
    stop = window.poolwatch.on(() => hear(window.poolwatch.state)); // calls at once
  };
  attach();
  return () => {
    clearTimeout(timer);
    stop?.();
  };
}

// From where a command comes, for the journal: the page's title and the kind of device.
function whereNow() {
  const touch = matchMedia("(pointer: coarse)").matches;
  const device = !touch ? "a computer" : Math.min(screen.width, screen.height) < 600 ? "a phone" : "a tablet";
  return `${document.title.split(" · ")[0]}, on ${device}`;
}

// An error of the line is a plain sentence; anything else is ours.
const sentenceOf = (error) => String(error?.message || "It was not done.");

// Who sits here, "" until somebody told.
const knownName = () => window.poolwatch?.name || "";

// Whether the line has told anything yet; one that is only being made is no news, one that stays silent is.
const FIRST_WORD_MS = 3000;
const linkedSince = performance.now();
const heard = (line) => Boolean(line.site || line.connected || performance.now() - linkedSince > FIRST_WORD_MS);

// Whether who sits here may do this; what they may not is not shown.
const mayDo = (right) => window.poolwatch?.may?.(right) ?? true;
