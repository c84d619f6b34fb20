// The server's answers, as values: {status, error, ...}. Nothing here throws.

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    return { status: 0, error: "Poolwatch does not answer: there is no connection to it." };
  }
  try {
    return { error: "", ...(await response.json()), status: response.status };
  } catch {
    return { status: response.status, error: `Poolwatch answers nonsense (${response.status}).` };
  }
}

// `asked`: {kinds: [..], camera, ...}; what is empty is not asked for.
function queryOf(asked, more = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...asked, ...more })) {
    if (Array.isArray(value)) value.forEach((one) => query.append(key, one));
    else if (value) query.set(key, value === true ? "1" : value);
  }
  return query.toString();
}

const askList = (asked, more) => ask(`/api/clips?${queryOf(asked, more)}`);
const askOne = (id, asked) => ask(`/api/clips/${encodeURIComponent(id)}?${queryOf(asked)}`);
const askNight = () => ask("/api/clips/night");
const askWords = () => ask("/api/clips/words");

function askDeed(id, deed, fields = {}) {
  const name = (window.poolwatch && window.poolwatch.name) || "";
  const body = JSON.stringify({ ...fields, ...(name ? { who: name } : {}) });
  const headers = { "Content-Type": "application/json" };
  return ask(`/api/clips/${encodeURIComponent(id)}/${deed}`, { method: "POST", body, headers });
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

function downloadPath(id) {
  const name = (window.poolwatch && window.poolwatch.name) || "";
  return `/clips/${encodeURIComponent(id)}/download?${queryOf({ tz: ZONE, who: name })}`;
}
