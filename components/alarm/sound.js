// The page's own sound. The tones are made by oscillators that steer each other, so they go on evenly in a
// hidden tab and while the page is busy.

const ALLOWED_MS = 800;
const PATTERNS = {
  // Two tones, five changes a second: somebody may be in danger.
  emergency: { wave: "square", hz: 760, swing: 170, swingHz: 2.5, gateHz: 0, loud: 0.5 },
  // One tone in pulses: nobody watches.
  nobody: { wave: "sawtooth", hz: 620, swing: 0, swingHz: 1, gateHz: 1.5, loud: 0.5 },
};

class Sound {
  constructor() {
    this.context = null;
    this.playing = null; // name of the pattern that should sound, whether or not the browser lets it
    this.voices = [];
    this.chimes = 0;
    this.checks = 0;
    this.failed = typeof (window.AudioContext || window.webkitAudioContext) === "undefined";
  }

  get on() {
    return Boolean(this.context && this.context.state === "running");
  }

  // Browsers let a page sound only after its visitor has touched it or pressed a key.
  async unlock() {
    if (this.failed) return false;
    try {
      if (!this.context) this.open();
      // Where it may not sound yet, the browser lets the answer wait for ever.
      const wait = new Promise((resolve) => setTimeout(resolve, ALLOWED_MS));
      if (this.context.state !== "running") await Promise.race([this.context.resume(), wait]);
    } catch {
      return false;
    }
    return this.on;
  }

  open() {
    // Or a phone's switch for silent also silences the alarm.
    if (navigator.audioSession) navigator.audioSession.type = "playback";
    this.context = new (window.AudioContext || window.webkitAudioContext)();
    this.context.addEventListener("statechange", () => this.changed && this.changed());
    if (this.playing) this.begin(this.playing);
  }

  play(name) {
    if (name === this.playing) return;
    this.silence();
    this.playing = name;
    if (name && this.context) this.begin(name);
  }

  begin(name) {
    const { wave, hz, swing, swingHz, gateHz, loud } = PATTERNS[name];
    const voice = this.voice(wave, hz);
    this.ramp(voice.volume, loud, 0.03);
    if (swing) this.steer(voice, "square", swingHz, swing, voice.tone.frequency);
    if (gateHz) this.steer(voice, "square", gateHz, loud, voice.volume.gain);
    this.voices.push(voice);
  }

  voice(wave, hz) {
    const tone = this.context.createOscillator();
    const volume = this.context.createGain();
    tone.type = wave;
    tone.frequency.value = hz;
    volume.gain.value = 0;
    tone.connect(volume).connect(this.context.destination);
    tone.start();
    return { volume, tone, parts: [tone] };
  }

  // Lets a slow oscillator push a value up and down by `depth`.
  steer(voice, wave, hz, depth, value) {
    const slow = this.context.createOscillator();
    const amount = this.context.createGain();
    slow.type = wave;
    slow.frequency.value = hz;
    amount.gain.value = depth;
    slow.connect(amount).connect(value);
    slow.start();
    voice.parts.push(slow);
  }

  ramp(volume, to, seconds) {
    const now = this.context.currentTime;
    volume.gain.cancelScheduledValues(now);
    volume.gain.setValueAtTime(volume.gain.value, now);
    volume.gain.linearRampToValueAtTime(to, now + seconds);
  }

  silence() {
    this.playing = null;
    for (const voice of this.voices.splice(0)) {
      voice.volume.disconnect();
      for (const part of voice.parts) part.stop();
    }
  }

  // For an alert or a question: two soft notes, once.
  chime() {
    this.chimes += 1;
    this.notes([[660, 0, 0.35], [880, 0.22, 0.5]], 0.35);
  }

  // What one hears when sound was turned on: it works, and this loud.
  check() {
    this.checks += 1;
    this.notes([[880, 0, 0.18]], 0.5);
  }

  notes(notes, loud) {
    if (!this.on) return;
    for (const [hz, after, long] of notes) {
      const { tone, volume } = this.voice("sine", hz);
      const begin = this.context.currentTime + after;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(loud, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + long);
      tone.stop(begin + long + 0.05);
    }
  }
}
