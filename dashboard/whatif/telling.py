"""A comparison in plain words, and as a table and a picture for the page. Everything that people have named
is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dashboard.monitor.owned import OWNED, worded
from dashboard.monitor.wording import sentence
from dashboard.rules.submersion import Countdown
from dashboard.values import Event, Level, Mode
from dashboard.whatif.comparing import LIKE_S, Row
from dashboard.whatif.judging import Judged, Variant

_MARKS = {Level.EMERGENCY: "■", Level.ALERT: "▲", Level.PROMPT: "?"}
_WORDS = {Level.EMERGENCY: "Emergency", Level.ALERT: "Alert", Level.PROMPT: "Question"}
_LONGEST_NAME = 80


def clock(t: float) -> str:
    """Seconds from the start as minutes and seconds: 1:07.4."""
    tenths = round(t * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def span(seconds: float) -> str:
    """A length of time as it is said."""
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def name_of(values: Mapping[str, object], mode: Mode | None = None) -> str:
    """What is changed, in words: "Longest time under water 8 s"."""
    changed = [f"{OWNED[key].label} {worded(key, value)}" for key, value in values.items()]
    changed += [] if mode is None else [f"mode {mode.value.capitalize()}"]
    return ", ".join(changed) or "as it is now"


def what(event: Event, names: Mapping[str, str]) -> str:
    """An alarm as a sentence; people of a recording have no names, but they are told apart."""
    text = sentence(event, names)
    return text.replace("Somebody", f"Person {event.person}", 1) if event.person is not None else text


def cell(row: Row, number: int, judgements: Sequence[Judged]) -> str:
    """What one variant made of an alarm: when, and how that differs from the first variant."""
    event, first = row.events[number], row.events[0]
    if event is None:
        return _never(row, judgements[number])
    at = clock(event.t)
    if number == 0:
        return at
    if first is None:
        return f"{at}, only with this"
    shift_s = event.t - first.t
    if abs(shift_s) < LIKE_S:
        return f"{at}, the same"
    return f"{at}, {span(abs(shift_s))} {'later' if shift_s > 0 else 'earlier'}"


def _never(row: Row, judged: Judged) -> str:
    """A recording that ends while the time still runs does not tell what would have come."""
    running = still_running(row.some, judged)
    if running is None:
        return "never"
    due_t = running.emergency_t if row.some.level is Level.EMERGENCY else running.alert_t
    return f"not yet when the recording ends: due {span(due_t - judged.length_s)} later"


def still_running(event: Event, judged: Judged) -> Countdown | None:
    """The countdown that would have led to this alarm, had the recording not ended before."""
    if event.kind != "submersion":
        return None
    fits = [c for c in judged.running if c.camera == event.camera]
    own = [c for c in fits if c.person == event.person] or fits
    due = [
        c for c in own if (c.emergency_t if event.level is Level.EMERGENCY else c.alert_t) > judged.length_s
    ]
    return due[0] if due else None


def headline(rows: Sequence[Row], number: int, judgements: Sequence[Judged]) -> str:
    """What one variant would have changed against the first, in one sentence."""
    name = judgements[number].variant.name
    loud = [row for row in rows if row.some.level is Level.EMERGENCY]
    told = _changes(loud or rows, number, judgements, "siren" if loud else "alarm")
    quiet = [row for row in rows if row not in loud] if loud else []
    more = _changes(quiet, number, judgements, "warning") if quiet else ""
    if not told and not more:
        return f"{name}: nothing would have been different." if rows else f"{name}: no alarm either."
    return f"{name}: {'; '.join(part for part in (told, more) if part)}."


def _changes(rows: Sequence[Row], number: int, judgements: Sequence[Judged], what: str) -> str:
    earlier, later, new, never, open_end = [], [], 0, 0, 0
    for row in rows:
        shift_s = row.shift_s(number)
        if shift_s is not None:
            earlier += [-shift_s] if shift_s <= -LIKE_S else []
            later += [shift_s] if shift_s >= LIKE_S else []
        elif row.events[number] is not None:
            new += 1
        elif row.events[0] is not None:
            running = still_running(row.some, judgements[number]) is not None
            open_end, never = open_end + running, never + (not running)
    parts = [_shifted(earlier, what, "earlier"), _shifted(later, what, "later")]
    parts += [f"{'one' if new == 1 else new} more {what}{'s' if new > 1 else ''} than now" if new else ""]
    parts += [f"{_times(never, what)} would not have come" if never else ""]
    parts += [f"{_times(open_end, what)} not yet when the recording ends" if open_end else ""]
    return ", ".join(part for part in parts if part)


def _shifted(seconds: Sequence[float], what: str, word: str) -> str:
    if not seconds:
        return ""
    most = max(seconds)
    return f"{_times(len(seconds), what)} {'up to ' if len(seconds) > 1 else ''}{span(most)} {word}"


def _times(count: int, what: str) -> str:
    return f"the {what}" if count == 1 else f"{count} {what}s"


def table_html(rows: Sequence[Row], judgements: Sequence[Judged], names: Mapping[str, str]) -> str:
    """A line an alarm, a column a variant."""
    heads = "".join(f'<th scope="col">{_shown(one.variant.name)}</th>' for one in judgements)
    lines = []
    for row in rows:
        level = row.some.level
        cells = "".join(
            f'<td class="{_tone(row, number)}" data-label="{_shown(one.variant.name)}">'
            f"{escape(cell(row, number, judgements))}</td>"
            for number, one in enumerate(judgements)
        )
        lines.append(
            f'<tr><th scope="row"><span class="pwr-{level.value}"><span class="pwr-level">{_MARKS[level]} '
            f"{_WORDS[level]}</span></span> {_shown(what(row.some, names), 200)}</th>{cells}</tr>"
        )
    return (
        '<div class="pwr-scroll" tabindex="0" role="region" aria-label="Comparison">'
        f'<table class="pwr-compare"><thead><tr><th scope="col">What</th>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _tone(row: Row, number: int) -> str:
    """How a cell is coloured: worse is later or never."""
    if number == 0:
        return "now"
    if row.events[number] is None:
        return "worse" if row.events[0] is not None else "none"
    shift_s = row.shift_s(number)
    if shift_s is None:
        return "new"
    return "same" if abs(shift_s) < LIKE_S else "worse" if shift_s > 0 else "better"


def picture_html(judgements: Sequence[Judged]) -> str:
    """A line of time a variant, one under the other; what it shows stands in the table, too."""
    length_s = max(max((one.length_s for one in judgements), default=0.0), 1.0)
    lanes = "".join(_lane(one, length_s) for one in judgements)
    ticks = "".join(
        f'<span style="left:{100 * part / 4:.2f}%">{clock(length_s * part / 4)[:-2]}</span>'
        for part in range(5)
    )
    return (
        '<div class="pwr-lanes" role="img" aria-label="When each alarm would have come; the table below '
        f'says the same">{lanes}<div class="pwr-ticks">{ticks}</div></div>'
    )


def _lane(judged: Judged, length_s: float) -> str:
    marks = "".join(_dive(event, length_s) for event in judged.alarms if event.kind == "submersion")
    marks += "".join(_ended(one, judged.length_s, length_s) for one in judged.running)
    marks += "".join(
        f'<i class="pwr-mark pwr-{event.level.value}" style="left:{_share(event.t, length_s)}">'
        f"{_MARKS[event.level]}</i>"
        for event in judged.alarms
    )
    return (
        f'<div class="pwr-lane"><b>{_shown(judged.variant.name)}</b><div class="pwr-line">{marks}</div></div>'
    )


def _dive(event: Event, length_s: float) -> str:
    """From when a head was last seen to the alarm about it."""
    unseen = event.detail.get("unseen_s")
    if not isinstance(unseen, int | float):
        return ""
    return _bar(event.t - unseen, event.t, length_s)


def _ended(running: Countdown, end_t: float, length_s: float) -> str:
    return _bar(running.seen_t, end_t, length_s)


def _bar(first_t: float, last_t: float, length_s: float) -> str:
    left, right = max(first_t, 0.0), min(last_t, length_s)
    width = max(100 * (right - left) / length_s, 0.5)
    return f'<i class="pwr-dive" style="left:{_share(left, length_s)};width:{width:.2f}%"></i>'


def _share(t: float, length_s: float) -> str:
    return f"{min(max(100 * t / length_s, 0.0), 100.0):.2f}%"


def _shown(text: str, limit: int = _LONGEST_NAME) -> str:
    kept = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 4]).split())
    return escape(kept if len(kept) <= limit else kept[: limit - 1] + "…")


def variants_of(changes: Sequence[Mapping[str, object]], mode: Mode | None = None) -> tuple[Variant, ...]:
    """The present settings first, then each set of changed ones."""
    now = Variant("Now", {}, mode)
    return (now, *(Variant(f"With {name_of(values)}", dict(values), mode) for values in changes))
