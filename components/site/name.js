// Who sits here: asked once in a small dialog, kept in this browser.

const NAME_KEY = "poolwatch.who";
const LAST_NAME_KEY = "poolwatch.who.last";
const LONGEST_NAME = 60;

const NAME_CSS = `
dialog {
  width: min(420px, calc(100vw - 32px)); box-sizing: border-box; padding: 20px; border-radius: 16px;
  border: 1px solid light-dark(#d7e2e4, #26363d); background: light-dark(#ffffff, #151f24); color: light-dark(#10262c, #e8f1f2);
  font: 16px/1.4 system-ui, sans-serif;
}
dialog::backdrop { background: rgb(0 0 0 / 55%); }
label { display: block; font-size: 19px; font-weight: 700; margin: 0 0 4px; }
p { margin: 0 0 14px; color: light-dark(#4d656d, #93a7ad); }
input {
  width: 100%; box-sizing: border-box; min-height: 52px; padding: 0 14px; border-radius: 12px; font: inherit; font-size: 18px;
  border: 1px solid light-dark(#7a9199, #5d737b); background: light-dark(#f6f9f9, #0e1518); color: inherit;
}
.row { display: flex; gap: 10px; margin-top: 14px; }
button { flex: 1 1 0; min-height: 52px; border-radius: 12px; border: 1px solid light-dark(#7a9199, #5d737b); background: transparent; color: inherit; font: inherit; font-weight: 700; cursor: pointer; }
button[type="submit"] { background: light-dark(#0b7d93, #2bb3c9); border-color: transparent; color: light-dark(#ffffff, #06171b); }
:focus-visible { outline: 3px solid light-dark(#0b7d93, #2bb3c9); outline-offset: 2px; }
`;

// Controls and marks that turn the reading direction do not belong into a name.
function cleanName(typed) {
  const text = String(typed || "").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => (c === "\u200d" ? c : " "));
  return [...text.replace(/\s+/g, " ").trim()].slice(0, LONGEST_NAME).join("");
}

class Name {
  constructor() {
    this.kept = {}; // where the browser forbids storage: for as long as the tab is open
    this.asking = null;
  }

  // Kept in this browser, "" when nobody told yet.
  known() {
    return cleanName(this.read(NAME_KEY));
  }

  forget() {
    this.write(NAME_KEY, "");
  }

  // A name as soon as there is one; rejects when the person would rather not say.
  ask() {
    const known = this.known();
    if (known) return Promise.resolve(known);
    if (!this.asking) {
      this.asking = this.open().finally(() => {
        this.asking = null;
      });
    }
    return this.asking;
  }

  read(key) {
    try {
      return window.localStorage.getItem(key) || "";
    } catch {
      return this.kept[key] || "";
    }
  }

  write(key, value) {
    this.kept[key] = value;
    try {
      window.localStorage.setItem(key, value);
    } catch {
      // Not kept then; this tab remembers it.
    }
  }

  open() {
    const host = document.createElement("div");
    host.id = "poolwatch-who";
    host.style.colorScheme = schemeOfPage();
    const root = host.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${NAME_CSS}</style>
      <dialog aria-labelledby="label"><form method="dialog">
        <label id="label" for="name">What is your name?</label>
        <p>Others see who has seen an alarm. It is kept on this device.</p>
        <input id="name" autocomplete="name" maxlength="${LONGEST_NAME}" enterkeyhint="done" required>
        <div class="row"><button type="button">Cancel</button><button type="submit">That is me</button></div>
      </form></dialog>`;
    const dialog = root.querySelector("dialog");
    const input = root.querySelector("input");
    input.value = cleanName(this.read(LAST_NAME_KEY));
    document.body.append(host);
    return new Promise((resolve, reject) => {
      root.querySelector("form").addEventListener("submit", (event) => {
        event.preventDefault();
        const name = cleanName(input.value);
        if (!name) return;
        this.write(NAME_KEY, name);
        this.write(LAST_NAME_KEY, name);
        resolve(name);
        dialog.close();
      });
      root.querySelector("button[type=button]").addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => {
        host.remove();
        reject(new Error("A name is needed for this.")); // after a name was given this does nothing
      });
      dialog.showModal();
      input.focus();
      input.select();
    });
  }
}

// Streamlit sets it on its own root; what hangs on the body has to ask.
function schemeOfPage() {
  const app = document.querySelector(".stApp");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  return /dark|light/.test(scheme) ? scheme : "light dark";
}
