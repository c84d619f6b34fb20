// Whether the sound was heard on this device, which only the device knows.
function soundHeard() {
  try {
    return Boolean(window.localStorage.getItem("poolwatch.sound"));
  } catch {
    return false;
  }
}
