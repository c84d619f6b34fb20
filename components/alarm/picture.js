// The camera of the alarm, redacted, where the page does not show it already.

class AlarmPicture {
  constructor() {
    this.camera = null;
    this.canvas = null;
    this.socket = null;
  }

  // Shows camera `id` on `canvas`; null ends it.
  show(id, canvas) {
    this.canvas = canvas;
    if (this.camera && this.camera.id === id) return;
    this.end();
    if (id === null) return;
    this.camera = { id, seq: 0, observation: null, bitmap: null };
    this.socket = new LiveSocket("/ws/live", {
      pull: () => ({ cameras: { [id]: this.camera ? this.camera.seq : 0 }, view: "redacted", roster: this.roster || "" }),
      camera: (message, jpeg) => this.take(message, jpeg),
      waiting: () => {},
      roster: (message) => {
        this.roster = message.revision;
      },
      end: () => this.draw(),
      open: () => {},
    });
    this.socket.start();
  }

  end() {
    if (this.socket) this.socket.stop();
    if (this.camera && this.camera.bitmap) this.camera.bitmap.close();
    this.socket = null;
    this.camera = null;
    this.roster = "";
  }

  async take(message, jpeg) {
    const camera = this.camera;
    if (!camera || message.id !== camera.id || message.view !== "redacted") return;
    Object.assign(camera, { seq: message.seq, observation: message.observation });
    if (!jpeg) return;
    try {
      const bitmap = await createImageBitmap(jpeg);
      if (camera !== this.camera) return bitmap.close();
      if (camera.bitmap) camera.bitmap.close();
      camera.bitmap = bitmap;
      this.draw();
    } catch {
      // A damaged picture costs that picture.
    }
  }

  draw() {
    if (!this.camera || !this.canvas || !this.canvas.isConnected) return;
    drawCamera(this.canvas, this.camera, { skeletons: true, zones: true });
    this.canvas.dataset.seq = this.camera.seq;
  }
}
