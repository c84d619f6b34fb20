// Streamlit reads its theme when a page loads, from a place in the browser's storage per path.
const keyOf = (path) => `stActiveTheme-${path}-v2`;

function chosen() {
  try {
    return JSON.parse(window.localStorage.getItem(keyOf(window.location.pathname)) || '"System"');
  } catch {
    return "System";
  }
}

export default function ({ parentElement, data }) {
  const buttons = [...parentElement.querySelectorAll("button")];
  const mark = () => buttons.forEach((b) => b.setAttribute("aria-pressed", b.dataset.theme === chosen()));
  for (const button of buttons) {
    button.onclick = () => {
      try {
        for (const path of new Set([...data.paths, window.location.pathname])) {
          window.localStorage.setItem(keyOf(path), JSON.stringify(button.dataset.theme));
        }
      } catch {
        return; // storage is forbidden: the system's theme stays
      }
      window.location.reload();
    };
  }
  mark();
}
