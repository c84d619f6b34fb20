// The sentence that is read from two metres, and the line below it. Pure.
//
// `known`: {line: {connected, why, heard}, site, age_s, people, live: {connected, everConnected, silent},
// summary: the server's sentence about the cameras}. Returns {sentence, detail, tone, spoken}: `spoken` is
// for screen readers and changes only when the situation does, not with every second.

function headline(known) {
  return lineTrouble(known) || emergency(known) || paused(known) || missing(known) || blindness(known)
    || cameraTrouble(known) || alert_(known) || unexpected(known) || well(known);
}

function said(tone, sentence, detail, spoken) {
  return { tone, sentence, detail: detail || "", spoken: spoken || sentence };
}

function lineTrouble({ line, live, site, summary, monitor }) {
  if (!live.connected) {
    return live.everConnected
      ? said("danger", "No connection to Poolwatch", "This page is not watching. It tries again by itself.")
      : said("quiet", "Connecting", "");
  }
  if (live.silent) return said("danger", "Poolwatch does not answer", "The pictures below are old.");
  if (!monitor) return said(summary.tone, summary.sentence, summary.detail);
  if (!line.heard) return said("quiet", "Connecting", "");
  if (!line.connected || !site) return said("danger", "This page cannot tell whether all is well", line.why);
  return null;
}

function emergency({ site, age_s, people }) {
  const open = site.alarms.filter((alarm) => alarm.level === "emergency" && alarm.state !== "resolved");
  if (!open.length) return null;
  const alarm = open.find((one) => one.state === "unacknowledged") || open[0];
  const answer = alarm.state === "unacknowledged" ? "Nobody has answered yet" : `${alarm.by || "Somebody"} has seen it`;
  const others = open.length > 1 ? `, and ${open.length - 1} more` : "";
  const detail = [`Since ${passed(alarm.since_s + age_s)}${others}. ${answer}.`, countWords(people)];
  return { ...said("danger", alarm.title, detail.filter(Boolean).join(" ")), kind: "emergency" };
}

function paused({ site, age_s }) {
  if (site.mode.mode !== "paused") return null;
  const left_s = site.mode.until_utc === null ? null : Math.max(0, (Date.parse(site.mode.until_utc) - Date.parse(site.utc)) / 1000 - age_s);
  const detail = left_s === null ? "" : `Poolwatch watches again in ${clockLeft(left_s)}.`;
  return said("care", "Nobody is watching: paused", detail);
}

function clockLeft(left_s) {
  const whole = Math.ceil(left_s);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function missing({ people }) {
  const gone = people.filter(isMissing).sort((a, b) => b.share - a.share);
  if (!gone.length) return null;
  const tone = gone.some((person) => person.state === "emergency") ? "danger" : "care";
  const first = gone[0];
  const others = gone.length > 1 ? `, and ${gone.length - 1} more` : "";
  return said(tone, `${first.name}${others} has not been seen for ${passed(first.seen_s)}`.replace("more has", "more have"), countWords(people),
    `${gone.map((person) => person.name).join(", ")} not seen in the water`);
}

function blindness({ site, people, cameras }) {
  const blind = site.cameras_blind.filter((camera) => camera.why !== "it is starting");
  if (!blind.length) return null;
  const words = countWords(people);
  if (blind.length === 1) return said("danger", blindSentence(blind[0]), [blindDetail(blind[0]), words].filter(Boolean).join(". "));
  const all = blind.length >= cameras;
  return said("danger", all ? "No camera sees" : `${blind.length} of ${cameras} cameras are blind`, [blind.map((camera) => camera.name).join(", "), words].filter(Boolean).join(". "));
}

const FAULTS = {
  moved: "was moved", covered: "is covered", defocused: "is out of focus", dark: "sees only dark", glare: "is dazzled",
};

function blindSentence(camera) {
  return `Camera ${camera.name} ${FAULTS[camera.fault] || "is blind"}`;
}

function blindDetail(camera) {
  if (camera.fault !== "moved") return capital(camera.why);
  return "Its zones no longer fit: put it back, or tell it under Cameras that this is its new view";
}

function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

function cameraTrouble({ summary }) {
  return summary.tone === "calm" ? null : said(summary.tone, summary.sentence, summary.detail);
}

function alert_({ site, people }) {
  const open = site.alarms.filter((alarm) => alarm.level === "alert" && alarm.state !== "resolved");
  if (!open.length) return null;
  const others = open.length > 1 ? `and ${open.length - 1} more. ` : "";
  return said("care", open[0].title, others + countWords(people));
}

function unexpected({ site, people }) {
  if (site.mode.mode !== "watch" || !people.length) return null;
  const sentence = people.length === 1 ? `${people[0].name} is here` : `${people.length} people are here`;
  return said("care", sentence, `${countWords(people)}. The mode is Watch.`);
}

function well({ site, people }) {
  if (!site.store.ok) return said("care", "All is well, but not all is kept", site.store.why);
  return said("calm", "All is well", countWords(people) || "Nobody is here");
}
