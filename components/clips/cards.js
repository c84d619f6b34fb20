// One card a clip: what, where, when, how long; the level by colour, sign and word.

const PIN = "M9 3h6l-1 6 4 4v2h-5v6l-1 1-1-1v-6H6v-2l4-4z";
const NOTE = "M5 4h14v11l-5 5H5z M14 20v-5h5";

function sign(path, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  const found = element("span", "signed");
  found.title = label;
  found.append(svg);
  return found;
}

function levelTag(clip) {
  const tag = element("span", "level", `${clip.mark} ${clip.level_words}`);
  tag.dataset.level = clip.level;
  return tag;
}

function picture(clip) {
  const box = element("span", "thumb");
  if (clip.width && clip.height) box.style.setProperty("--shape", `${clip.width} / ${clip.height}`);
  if (clip.state === "ready") {
    const image = element("img");
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.src = `/clips/${encodeURIComponent(clip.id)}/thumb`;
    image.onerror = () => image.replaceWith(element("span", "nothing", "No picture"));
    box.append(image);
  } else {
    box.append(element("span", "nothing", STATES[clip.state] || clip.state));
  }
  const seconds = lengthOf(clip);
  if (seconds !== null) box.append(element("span", "length", lengthWords(seconds)));
  return box;
}

function linkTo(clip, className, labels) {
  const link = element("a", className);
  link.href = `/clips?clip=${encodeURIComponent(clip.id)}`;
  link.target = "_self";
  link.dataset.id = clip.id;
  link.setAttribute("aria-label", spokenOf(clip, labels));
  return link;
}

function cardOf(clip, labels) {
  const link = linkTo(clip, "clip", labels);
  link.dataset.level = clip.level;
  const tags = element("span", "tags");
  tags.append(levelTag(clip));
  if (clip.drill) tags.append(element("span", "tag", "Drill"));
  if (clip.label) tags.append(element("span", "tag label", labels.get(clip.label) || clip.label));
  if (clip.kept) tags.append(sign(PIN, "Kept"));
  if (clip.note) tags.append(sign(NOTE, clip.note));
  const when = element("span", "when");
  when.append(element("b", "", timeWords(clip.began_utc)), ` ${[clip.camera_name, ...clip.people].join(" · ")}`);
  link.append(picture(clip), tags, element("span", "what", titleOf(clip)), when);
  return link;
}

// The small one under Last night.
function nightCard(clip, labels) {
  const link = linkTo(clip, "small", labels);
  const when = element("span", "when");
  when.append(element("b", "", timeWords(clip.began_utc)), ` ${clip.what}`);
  link.append(picture(clip), when);
  return link;
}
