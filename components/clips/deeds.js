// What is said of the clip that is shown: label, note, keep, delete, share, the real picture.

const UNDO_MS = 10000;

class Deeds {
  constructor(root, player) {
    this.root = root;
    this.player = player;
    this.find = (name) => root.querySelector(name);
    this.find(".keep").onclick = () => this.keep();
    this.find(".save").onclick = () => this.save();
    this.find(".share").onclick = () => this.share();
    this.find(".delete").onclick = () => this.askDelete(true);
    this.find(".no-delete").onclick = () => this.askDelete(false);
    this.find(".yes-delete").onclick = () => this.remove();
    this.find(".undo").onclick = () => this.undo && this.undo();
    this.find(".note").oninput = () => this.showNote();
    this.find(".save-note").onclick = () => this.saveNote();
    this.find(".unseal").onclick = () => this.askOpen(true);
    this.find(".no-open").onclick = () => this.askOpen(false);
    this.find(".opening").onsubmit = (event) => {
      event.preventDefault();
      this.open();
    };
    this.find(".seal").onclick = () => this.close();
    this.canShare = false;
    try {
      this.canShare = Boolean(navigator.canShare && navigator.canShare({ files: [new File(["x"], "x.mp4", { type: "video/mp4" })] }));
    } catch {
      // This browser shares no files: they are saved.
    }
    this.find(".share").hidden = !this.canShare;
    this.timer = setInterval(() => this.count(), 500);
  }

  stop() {
    clearInterval(this.timer);
  }

  get clip() {
    return this.player.clip;
  }

  // Another clip.
  show() {
    const clip = this.clip;
    this.find(".note").value = clip.note;
    this.find(".judge").href = `/replay?clip=${encodeURIComponent(clip.id)}`;
    this.askDelete(false);
    this.askOpen(false);
    this.say("");
    for (const name of [".save", ".share"]) this.find(name).disabled = clip.state !== "ready";
    this.showSaid();
  }

  // What has been said of it; a note that is being typed stays.
  showSaid() {
    this.labels();
    this.find(".keep").setAttribute("aria-pressed", String(this.clip.kept));
    this.find(".keep").textContent = this.clip.kept ? "Kept" : "Keep";
    this.showNote();
    this.count();
  }

  labels() {
    const box = this.find(".labels");
    if (box.children.length !== this.player.labels.size) {
      box.replaceChildren(...[...this.player.labels].map(([id, words]) => {
        const chip = element("button", "chip", words);
        chip.type = "button";
        chip.dataset.label = id;
        chip.onclick = () => this.label(this.clip.label === id ? null : id);
        return chip;
      }));
    }
    for (const chip of box.children) chip.setAttribute("aria-pressed", String(chip.dataset.label === this.clip.label));
  }

  say(text, undo = null, wrong = false) {
    clearTimeout(this.undoTimer);
    this.undo = undo;
    this.find(".done").textContent = text;
    this.find(".done").dataset.wrong = String(wrong);
    this.find(".undo").hidden = !undo;
    if (text && !wrong) this.undoTimer = setTimeout(() => this.say(""), UNDO_MS);
  }

  // One deed at the clip that is shown; its answer, or null when it was refused, with the reason on the page.
  async do(deed, fields, clip = this.clip) {
    const found = await askDeed(clip.id, deed, fields);
    if (!found.error) return found;
    if (this.clip === clip) this.say(found.error, null, true);
    return null;
  }

  change(clip, fields) {
    Object.assign(clip, fields);
    this.player.changed(clip);
    if (this.clip === clip) this.showSaid();
  }

  async label(label) {
    const clip = this.clip;
    const before = clip.label;
    const told = await this.do("label", { label }, clip);
    if (!told) return;
    this.change(clip, { label });
    if (this.clip !== clip) return;
    // What the owner calls pet or wildlife is known again by its looks.
    const known = told.learnt ? ` The next time ${told.learnt === 1 ? "it is" : "they are"} known again.` : "";
    const words = label ? `Labelled: ${this.player.labels.get(label)}.${known}` : "The label is gone.";
    this.say(words, () => this.label(before));
  }

  async keep() {
    const clip = this.clip;
    const kept = !clip.kept;
    if (!(await this.do("keep", { kept }, clip))) return;
    this.change(clip, { kept });
    this.say(kept ? "Kept until you let it go." : "It goes when its time is over.");
  }

  get noteChanged() {
    return this.clip && this.find(".note").value.trim() !== this.clip.note;
  }

  showNote() {
    this.find(".save-note").hidden = !this.noteChanged;
  }

  async saveNote() {
    if (!this.noteChanged) return;
    const clip = this.clip;
    const note = this.find(".note").value.trim();
    if (!(await this.do("note", { note }, clip))) return;
    this.change(clip, { note });
    if (this.clip === clip) this.say("The note is saved.");
  }

  askDelete(on) {
    this.find(".deleting").hidden = !on;
    this.find(".delete").hidden = on;
    if (on) this.find(".no-delete").focus();
  }

  async remove() {
    const clip = this.clip;
    if (await this.do("delete", {}, clip)) this.player.deleted(clip);
  }

  // Away as a file

  save() {
    const link = element("a");
    link.href = downloadPath(this.clip.id);
    link.download = "";
    this.find(".acts").append(link);
    link.click();
    link.remove();
  }

  async share() {
    const clip = this.clip;
    this.say("The file is being fetched.");
    try {
      const response = await fetch(downloadPath(clip.id), { cache: "no-store" });
      if (!response.ok) return this.say((await response.json()).error, null, true);
      const name = nameIn(response.headers.get("content-disposition")) || "clip.mp4";
      const file = new File([await response.blob()], name, { type: "video/mp4" });
      await navigator.share({ files: [file], title: titleOf(clip) });
      this.say("Shared.");
    } catch (error) {
      // Who changes their mind has shared nothing; where sharing fails the file is saved.
      this.say("");
      if (error.name !== "AbortError") this.save();
    }
  }

  // The real picture

  askOpen(on) {
    const form = this.find(".opening");
    form.hidden = !on;
    form.reset();
    this.find(".opening .wrong").textContent = "";
    this.showSeal();
    if (on) this.find(".opening input").focus();
  }

  showSeal() {
    const open = this.openFor > 0;
    const asking = !this.find(".opening").hidden;
    this.find(".unseal").hidden = asking || open || !this.clip.sealed || this.clip.state !== "ready";
    this.find(".opened").hidden = !open;
    this.find(".real").hidden = !this.clip.sealed;
  }

  get openFor() {
    const until = this.clip && this.clip.opened_until_utc;
    return until ? (new Date(until) - Date.now()) / 1000 : 0;
  }

  async open() {
    const clip = this.clip;
    const form = this.find(".opening");
    const [secret, reason] = [form.elements.secret.value, form.elements.reason.value.trim()];
    form.elements.secret.value = "";
    const found = await askDeed(clip.id, "open", { secret, reason });
    if (this.clip !== clip) return;
    if (found.error) {
      this.find(".opening .wrong").textContent = found.error;
      form.elements.secret.focus();
      return;
    }
    this.askOpen(false);
    this.change(clip, { opened_until_utc: found.until_utc });
    this.player.showReal(true);
  }

  async close() {
    const clip = this.clip;
    this.change(clip, { opened_until_utc: null });
    this.player.showReal(false);
    await this.do("close", {}, clip);
  }

  // The server says whose page it is, and refuses what they may not do whatever stands here.
  get may() {
    const role = window.poolwatch?.you?.role;
    return { viewer: "look", guardian: "label" }[role] || "all";
  }

  // For how long it is open; it closes by itself.
  count() {
    this.player.box.dataset.may = this.may;
    if (!this.clip) return;
    const left = this.openFor;
    this.find(".left").textContent = left > 0 ? running(left) : "";
    if (left <= 0 && this.clip.opened_until_utc) {
      this.change(this.clip, { opened_until_utc: null });
      this.player.showReal(false);
      this.say("The real picture is sealed again.");
    }
    this.showSeal();
  }
}

// The file's name in a Content-Disposition header.
function nameIn(header) {
  const found = /filename\*=UTF-8''([^;]+)/i.exec(header || "");
  try {
    return found ? decodeURIComponent(found[1]) : "";
  } catch {
    return "";
  }
}
