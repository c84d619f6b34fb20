"""What contacts read: short, plain, and the same in every service. Pure."""

from __future__ import annotations

_HEADS = {
    "alarm": "EMERGENCY",
    "acknowledged": "Somebody is on it",
    "all_clear": "All clear",
    "test": "Test message",
}
_NOBODY = "Nobody has answered yet."
_NEXT = "This message is sent again until somebody presses “I see it”."


def words(
    kind: str,
    *,
    title: str,
    place: str,
    camera: str,
    since: str,
    who: str,
    drill: bool,
    round: int,
    link: str,
) -> tuple[str, str]:
    """Title and text of a message of this `kind` (as in `values.Delivery`).

    `title` says in a sentence what is the matter, `since` is local time, `who` acknowledged or resolved (or
    asked for the test), `round` counts the repeats from 0, `link` leads to the page."""
    title = title.removeprefix("Drill: ") if drill else title
    who = who[:1].upper() + who[1:]
    lines = {
        "alarm": _alarm(title, place, camera, since, round),
        "acknowledged": [f"{who} has seen it: {title}.", f"Since: {since}.", "No more messages are sent."],
        "all_clear": [f"{who} says that it is over: {title}.", f"It began at {since}."],
        "test": [f"{who} sent this at {since} to see whether it arrives.", "Nothing has happened."],
    }[kind]
    if link:
        lines.append(f"Open: {link}")
    subject = "Poolwatch can reach you" if kind == "test" else title
    head = f"{_HEADS[kind]}: {subject}"
    if not drill:
        return head, "\n".join(lines)
    real = "This is a drill, not an emergency." if kind != "test" else "This is a test."
    return f"DRILL. {head}", "\n".join([f"DRILL. {real}", *lines])


def _alarm(title: str, place: str, camera: str, since: str, round: int) -> list[str]:
    where = [place] if place and place != camera else []
    where += [f"camera {camera}"] if camera else []
    return [
        f"{title}.",
        *([f"Where: {', '.join(where)}."] if where else []),
        f"Since: {since}.",
        f"{_NOBODY} {_NEXT}" + (f" (Message {round + 1})" if round else ""),
    ]
