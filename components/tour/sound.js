// Plays what one hears when the sound works, and tells the page that it was played on this device.
const PLAYED = "Heard nothing? Turn up the volume, switch off silent, and play it again.";
const REFUSED = "This browser does not let the page sound. Allow sound for this page, then try again.";

export default function ({ parentElement, setStateValue }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("p");
  const tell = () => {
    if (soundHeard()) setStateValue("heard", true);
  };
  button.onclick = async () => {
    const band = window.poolwatchAlarm;
    if (!band) return;
    await band.checkSound();
    said.textContent = band.sound.on ? PLAYED : REFUSED;
  };
  tell();
  window.addEventListener("poolwatch-sound", tell);
  return () => window.removeEventListener("poolwatch-sound", tell);
}
