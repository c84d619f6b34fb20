// The gallery, or one clip in its place: which of them the address says, and the browser's own way back.

class Clips {
  constructor(root) {
    this.root = root;
    this.gallery = new Gallery(root, (id) => this.open(id));
    this.player = new Player(root, this.gallery, () => this.back());
    this.player.turned = (id) => this.turned(id);
    this.onPop = () => this.follow();
    window.addEventListener("popstate", this.onPop);
  }

  start() {
    const ready = this.gallery.start();
    this.follow(true);
    return ready;
  }

  stop() {
    window.removeEventListener("popstate", this.onPop);
    this.gallery.stop();
    this.player.stop();
  }

  get asked() {
    return new URLSearchParams(window.location.search).get("clip");
  }

  open(id) {
    this.scrolled = scroller().scrollTop;
    this.came = true; // the browser's way back leads to the gallery
    window.history.pushState(null, "", `/clips?clip=${encodeURIComponent(id)}`);
    this.follow();
  }

  turned(id) {
    window.history.replaceState(null, "", `/clips?clip=${encodeURIComponent(id)}`);
    this.follow();
  }

  back() {
    if (this.came) return window.history.back();
    window.history.replaceState(null, "", "/clips");
    this.follow();
  }

  // Shows what the address asks for.
  async follow(first = false) {
    const id = this.asked;
    const player = this.player.box;
    if (id) {
      this.shown = id;
      player.hidden = false;
      this.gallery.box.hidden = true;
      // Below an open alarm the window scrolls, too.
      if (!first) for (const one of [scroller(), document.scrollingElement]) one.scrollTop = 0;
      // From there the space bar plays and pauses.
      this.root.querySelector(".play").focus({ preventScroll: true });
      return this.player.open(id);
    }
    if (player.hidden) return;
    this.came = false;
    this.player.leave();
    player.hidden = true;
    this.gallery.box.hidden = false;
    scroller().scrollTop = this.scrolled || 0;
    const card = this.gallery.cards.get(this.shown);
    card?.item.firstChild.focus({ preventScroll: true });
    if (card) card.item.scrollIntoView({ block: "nearest" });
  }
}

export default function ({ parentElement }) {
  const clips = new Clips(parentElement);
  clips.start();
  return () => clips.stop();
}
