// The one quiet line. Both wordings come from the server; which one holds is known here.
export default function ({ parentElement, data }) {
  const line = parentElement.querySelector("p");
  const words = parentElement.querySelector("span");
  const link = parentElement.querySelector("a");
  const draw = () => {
    const said = (soundHeard() ? data?.heard : data?.unheard) || "";
    if (words.textContent !== said) words.textContent = said;
    line.hidden = !said;
    // The place where it stands is the page's own: without words it takes no room there.
    document.documentElement.classList.toggle("poolwatch-setup-done", !said);
  };
  // Streamlit's own link goes there without loading everything anew.
  link.onclick = (event) => {
    const own = document.querySelector(".st-key-pw-place-more-setup a");
    if (!own || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    own.click();
  };
  draw();
  window.addEventListener("poolwatch-sound", draw);
  return () => window.removeEventListener("poolwatch-sound", draw);
}
