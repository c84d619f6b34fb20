"""The steps of a story's actors, checked: who does what, and whether it can happen where they are."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from dashboard.source.simulated.checked import Node, Place
from dashboard.source.simulated.site import in_pool
from dashboard.source.simulated.story import Step

GESTURES = ("idle", "wave", "phone", "watch", "point")

PATH, TIME, EITHER = "path", "time", "either"
DECK, WATER, RIM, ANY = "deck", "water", "rim", "anywhere"
# Each action: whether it takes a path or a time, and where it may happen.
ACTIONS: dict[str, tuple[str, str]] = {
    "walk": (PATH, DECK),
    "stand": (TIME, DECK),
    "crouch": (TIME, DECK),
    "sit": (TIME, DECK),
    "sit_edge": (TIME, RIM),
    "lie": (TIME, DECK),
    "fall": (TIME, DECK),
    "climb_in": (EITHER, RIM),
    "jump_in": (EITHER, RIM),
    "climb_out": (EITHER, RIM),
    "swim": (PATH, WATER),
    "tread": (TIME, WATER),
    "float_back": (TIME, WATER),
    "float_face_down": (TIME, WATER),
    "dive": (PATH, WATER),
    "sink": (TIME, WATER),
}
SPEED_M_S = {"walk": 1.1, "swim": 0.7, "dive": 0.9, "run": 2.2, "fly": 4.0, "drift": 0.12}
EITHER_S = {"climb_in": 4.0, "jump_in": 2.6, "climb_out": 4.5}
ANIMAL_ACTIONS = {"walk": PATH, "run": PATH, "fly": PATH, "stay": TIME}
OBJECT_ACTIONS = {"rest": TIME, "drift": PATH, "drop": TIME, "thrown": PATH, "carried": TIME}


def stretched(node: Node, steps: tuple[Step, ...], at: Place, total_s: float) -> tuple[Step, ...]:
    """The steps stretched so that together they last `total_s`: their times, or where there are only
    ways, their speeds."""
    ways, here = 0.0, at
    for step in steps:
        for place in step.path if step.for_s == 0.0 else ():
            ways += hypot(place[0] - here[0], place[1] - here[1]) / step.speed_m_s
            here = place
        here = step.path[-1] if step.path else here
    timed = sum(step.for_s or 0.0 for step in steps)
    if not timed:
        return tuple(replace(step, speed_m_s=step.speed_m_s * ways / total_s) for step in steps)
    factor = (total_s - ways) / timed
    if factor < 0.2:
        raise node.fail(f"the ways alone take {ways:.0f} s of the {total_s:.0f} s that one repeat has")
    return tuple(replace(step, for_s=step.for_s * factor) if step.for_s else step for step in steps)


def people_steps(node: Node, at: Place) -> tuple[Step, ...]:
    """Checks the steps in turn, following where each one ends."""
    steps: list[Step] = []
    here, wet = at, in_pool(*at)
    for entry in node.items():
        if steps and steps[-1].for_s is None:
            raise entry.fail("can never begin: the step before it has no end ('for' is missing)")
        name, body = _single(entry, tuple(ACTIONS))
        step = _step(name, body)
        here, wet = _moved(step, body, here, wet)
        steps.append(step)
    if not steps:
        raise node.fail("expected at least one step")
    return tuple(steps)


def _single(entry: Node, names: tuple[str, ...]) -> tuple[str, Node]:
    table = entry.table(names)
    if len(table) != 1:
        raise entry.fail(f"expected one action, one of {', '.join(names)}")
    return next(iter(table.items()))


def _step(name: str, node: Node) -> Step:
    takes, _ = ACTIONS[name]
    keys = ("for", "to", "path", "speed", "face_deg", "gesture", "stroke", "depth_m", "struggle_s", "hold")
    t = node.table(keys)
    path = _path(node, t)
    if takes == PATH and not path:
        raise node.fail("needs 'to' or 'path'")
    if takes == TIME and path:
        raise node.fail("takes no 'to' or 'path'")
    if takes == PATH and "for" in t:
        raise t["for"].fail("a way takes as long as its speed says: give 'speed' instead")
    for_s = t["for"].number(0.1, 7200) if "for" in t else EITHER_S.get(name)
    return Step(
        action=name,
        for_s=0.0 if takes == PATH else for_s,
        path=path,
        speed_m_s=t["speed"].number(0.05, 4) if "speed" in t else SPEED_M_S.get(name, 0.0),
        face_deg=t["face_deg"].number(-360, 360) if "face_deg" in t else None,
        gesture=t["gesture"].choice(GESTURES) if "gesture" in t else "idle",
        stroke=t["stroke"].choice(("crawl", "breast")) if "stroke" in t else "crawl",
        depth_m=t["depth_m"].number(0.1, 1.6) if "depth_m" in t else 0.9,
        struggle_s=t["struggle_s"].number(0, 120) if "struggle_s" in t else 15.0,
        hold=t["hold"].flag() if "hold" in t else False,
    )


def _path(node: Node, t: dict[str, Node]) -> tuple[Place, ...]:
    if "to" in t and "path" in t:
        raise node.fail("give either 'to' or 'path'")
    if "to" in t:
        return (t["to"].place(),)
    return tuple(p.place() for p in t["path"].items()) if "path" in t else ()


def _moved(step: Step, node: Node, here: Place, wet: bool) -> tuple[Place, bool]:
    """Where somebody is after a step, and whether in the water; raises when it cannot happen there."""
    where = ACTIONS[step.action][1]
    if where == WATER and not wet:
        raise node.fail(f"happens in the water, but {list(here)} is not in the pool")
    if where == DECK and wet:
        raise node.fail(f"happens on the deck, but {list(here)} is in the pool: climb out first")
    if step.action in ("climb_in", "jump_in") and wet:
        raise node.fail(f"begins on the deck, but {list(here)} is in the pool")
    if step.action == "climb_out" and not wet:
        raise node.fail(f"begins in the water, but {list(here)} is not in the pool")
    lands_wet = step.action in ("climb_in", "jump_in") or (where == WATER)
    for a, b in zip((here, *step.path), step.path, strict=False):
        if where != RIM:
            _check_way(node, a, b, lands_wet)
    end = step.path[-1] if step.path else here
    if where == RIM and step.action != "sit_edge":
        if not step.path:
            raise node.fail("needs 'to': where it ends")
        if in_pool(*end) != lands_wet:
            raise node.fail(f"ends at {list(end)}, which is {'not in' if lands_wet else 'in'} the pool")
    return end, lands_wet


def _check_way(node: Node, a: Place, b: Place, wet: bool) -> None:
    for n in range(21):
        x, y = a[0] + (b[0] - a[0]) * n / 20, a[1] + (b[1] - a[1]) * n / 20
        if wet and not in_pool(x, y, 0.1):
            raise node.fail(f"the way from {list(a)} to {list(b)} leaves the water at [{x:.1f}, {y:.1f}]")
        if not wet and in_pool(x, y):
            raise node.fail(f"the way from {list(a)} to {list(b)} leads into the water at [{x:.1f}, {y:.1f}]")


def plain_step(entry: Node, actions: dict[str, str]) -> Step:
    name, body = _single(entry, tuple(actions))
    t = body.table(("for", "to", "path", "speed", "by"))
    path = _path(body, t)
    if actions[name] == PATH and not path:
        raise body.fail("needs 'to' or 'path'")
    if name == "carried" and "by" not in t:
        raise body.child("by").fail("is missing: who carries it")
    return Step(
        action=name,
        for_s=0.0 if actions[name] == PATH else (t["for"].number(0.1, 7200) if "for" in t else None),
        path=path,
        speed_m_s=t["speed"].number(0.02, 8) if "speed" in t else SPEED_M_S.get(name, 3.0),
        by=t["by"].text() if "by" in t else "",
    )
