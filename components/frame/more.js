// Opens and closes the list of the other pages, which Streamlit draws next to this button.
const OPEN = "poolwatch-more";
const LEAST_PX = 150;
const root = document.documentElement;

// What is left of the screen below the bar, which an alarm pushes down; on a phone less the bar at the bottom.
function roomBelow() {
  const head = document.querySelector(".st-key-pw-head")?.getBoundingClientRect().bottom || 0;
  const foot = matchMedia("(max-width: 1000px)").matches ? 68 : 0;
  return Math.max(LEAST_PX, window.innerHeight - head - foot - 20);
}

export default function ({ parentElement, data }) {
  const button = parentElement.querySelector(".more");
  const show = (open) => {
    root.style.setProperty("--poolwatch-room", `${Math.round(roomBelow())}px`);
    root.classList.toggle(OPEN, open);
    button.setAttribute("aria-expanded", String(open));
  };
  const isOpen = () => root.classList.contains(OPEN);
  const list = () => document.querySelector(".st-key-pw-more");
  const pressed = (event) => {
    if (!isOpen() || event.composedPath().includes(button)) return;
    // A choice of theme keeps the list open, a way to a page closes it.
    if (event.composedPath().includes(list())) return;
    show(false);
  };
  const chosen = (event) => {
    if (isOpen() && event.target.closest?.(".st-key-pw-more a")) show(false);
  };
  const key = (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    show(false);
    button.focus();
  };
  button.dataset.here = String(Boolean(data?.here));
  button.onclick = () => show(!isOpen());
  show(isOpen());
  document.addEventListener("pointerdown", pressed);
  document.addEventListener("click", chosen);
  document.addEventListener("keydown", key);
  return () => {
    document.removeEventListener("pointerdown", pressed);
    document.removeEventListener("click", chosen);
    document.removeEventListener("keydown", key);
    root.classList.remove(OPEN);
  };
}
