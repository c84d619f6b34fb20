// The camera of the alarm, where the page does not show it already: redacted, until the alarm has opened the
// real picture (the server decides that, and says so with each picture).

class AlarmPicture {
  constructor() {
    this.camera = null;
    this.canvas = null;
    this.socket = null;
    this.told = () => {};
  }

  // Shows camera `id` on `canvas`, and tells `told(real)` what is seen; null ends it.
  show(id, canvas, told) {
    this.canvas = canvas;
    this.told = told || (() => {});
    if (this.camera && this.camera.id === id) return this.told(this.camera.view === "camera");
    this.end();
    if (id === null) return;
    this.camera = { id, seq: 0, view: "redacted", observation: null, bitmap: null, zones: [] };
    this.socket = new LiveSocket("/ws/live", {
      pull: () => ({ cameras: { [id]: this.camera ? this.camera.seq : 0 }, view: "redacted", roster: this.roster || "" }),
      camera: (message, jpeg) => this.take(message, jpeg),
      waiting: () => {},
      roster: (message) => this.learn(message),
      end: () => this.draw(),
      open: () => {},
    });
    this.socket.start();
  }

  learn(message) {
    this.roster = message.revision;
    const row = message.cameras.find((one) => this.camera && one.id === this.camera.id);
    if (row) this.camera.zones = row.zones || [];
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
    if (!camera || message.id !== camera.id) return;
    if (camera.view !== message.view) this.turn(camera, message.view);
    Object.assign(camera, { seq: message.seq, observation: message.observation });
    if (!jpeg) return;
    let bitmap;
    try {
      bitmap = await createImageBitmap(jpeg);
    } catch {
      return; // A damaged picture costs that picture.
    }
    if (camera !== this.camera || camera.view !== message.view) return bitmap.close();
    if (camera.bitmap) camera.bitmap.close();
    camera.bitmap = bitmap;
    this.draw();
  }

  // A picture of the other view must not stay for a moment longer.
  turn(camera, view) {
    if (camera.bitmap) camera.bitmap.close();
    Object.assign(camera, { view, bitmap: null });
    this.told(view === "camera");
  }

  draw() {
    if (!this.camera || !this.canvas || !this.canvas.isConnected) return;
    drawCamera(this.canvas, this.camera, { skeletons: true, zones: true });
    this.canvas.dataset.seq = this.camera.seq;
  }
}
