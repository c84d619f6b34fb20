"""The rooms of dashboard/README.md hold: no room imports what its row does not allow.

Reads the sources, imports nothing of them; imports inside functions and under TYPE_CHECKING count too.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "dashboard" / "README.md"
CLOCKS = {
    "time": {
        "time",
        "monotonic",
        "perf_counter",
        "time_ns",
        "monotonic_ns",
        "perf_counter_ns",
        "process_time",
    },
    "datetime": {"now", "utcnow", "today"},
}
IMPURE = {
    *("asyncio", "multiprocessing", "os", "pathlib", "queue", "random", "secrets", "selectors", "shutil"),
    *("signal", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
}
MAY_DRAW = {"app", "main"}
LONGEST_MODULE, LONGEST_FUNCTION = 500, 60


@dataclass(frozen=True)
class Room:
    """One row of the table."""

    name: str
    may_import: frozenset[str]
    pure: str


def table(text: str) -> dict[str, Room]:
    """The rows of the table whose first heading is `room`."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", text)
    return {name: Room(name, _names(allowed), pure.strip()) for name, allowed, pure in rows}


def _names(cell: str) -> frozenset[str]:
    return frozenset() if cell.strip() == "nothing" else frozenset(n.strip() for n in cell.split(","))


ROOMS = table(README.read_text(encoding="utf-8"))


def room_of(path: Path) -> str:
    """`dashboard/vision/x.py` -> vision; `dashboard/values.py` -> values."""
    return path.relative_to(ROOT / "dashboard").parts[0].removesuffix(".py")


def imported(source: str, package: str) -> set[str]:
    """Dotted names of every module that `source` imports; `package` resolves relative imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            found |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            found |= {
                a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            }
    return found


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def clock_reads(source: str) -> list[str]:
    """`time.monotonic()`, `datetime.now()`, and the same through `from time import monotonic`."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            if node.attr in CLOCKS["time"] and owner == "time":
                found.append(f"time.{node.attr} in line {node.lineno}")
            if node.attr in CLOCKS["datetime"] and owner in ("datetime", "date"):
                found.append(f"{owner}.{node.attr} in line {node.lineno}")
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [f"from time import {a.name}" for a in node.names if a.name in CLOCKS["time"]]
    return found


def broken_rules(path: Path) -> list[str]:
    """A sentence for each import that the room's row does not allow."""
    room = ROOMS[room_of(path)]
    package = ".".join(path.relative_to(ROOT).parts[:-1])
    names = imported(path.read_text(encoding="utf-8"), package)
    wrong = []
    for name in sorted(names):
        parts = name.split(".")
        if parts[0] == "dashboard" and len(parts) > 1:
            if parts[1] not in {room.name, *room.may_import}:
                wrong.append(f"{room.name} may not import dashboard.{parts[1]}")
        elif parts[0] == "streamlit" and room.name not in MAY_DRAW:
            wrong.append(f"{room.name} may not import streamlit")
        elif room.pure == "pure" and parts[0] in IMPURE:
            wrong.append(f"{room.name} is pure and may not import {parts[0]}")
    if room.pure == "pure" and re.search(r"\bnp\.random\b", path.read_text(encoding="utf-8")):
        wrong.append(f"{room.name} is pure and may not use numpy's random numbers")
    return wrong


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


SOURCES = [
    path
    for path in python_files("dashboard")
    if path.name != "__init__.py" or path.parent.name != "dashboard"
]
EVERYTHING = python_files("dashboard", "pages", "components", "tests")


def test_every_room_has_a_row_and_every_row_a_room() -> None:
    there = {room_of(path) for path in SOURCES}
    assert there == set(ROOMS), "dashboard/README.md and the folders differ"


def test_rows_name_rooms_that_exist() -> None:
    assert {name for room in ROOMS.values() for name in room.may_import} <= set(ROOMS)


def test_rooms_form_no_circle() -> None:
    done: set[str] = set()
    while len(done) < len(ROOMS):
        free = {name for name, room in ROOMS.items() if name not in done and room.may_import <= done}
        assert free, f"these import each other: {sorted(set(ROOMS) - done)}"
        done |= free


@pytest.mark.parametrize("path", SOURCES, ids=ids(SOURCES))
def test_room_imports_what_its_row_allows(path: Path) -> None:
    assert broken_rules(path) == []


@pytest.mark.parametrize("path", EVERYTHING, ids=ids(EVERYTHING))
def test_only_the_clock_reads_a_clock(path: Path) -> None:
    if path != ROOT / "dashboard" / "clock.py":
        assert clock_reads(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", EVERYTHING, ids=ids(EVERYTHING))
def test_modules_and_functions_stay_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
    assert source.count("\n") <= LONGEST_MODULE


# The checks themselves: each finds what it is there for.


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", set()),
        ("import dashboard.track.tracker", {"dashboard.track.tracker"}),
        ("from dashboard import store", {"dashboard.store"}),
        ("from ..store import queries", {"dashboard.store.queries"}),
        ("from . import wire", {"dashboard.monitor.wire"}),
        ("def f():\n    import socket", {"socket"}),
        ("import importlib\nimportlib.import_module('streamlit')", {"importlib", "streamlit"}),
    ],
)
def test_imports_are_found(source: str, found: set[str]) -> None:
    assert imported(source, "dashboard.monitor") == found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("import time\ntime.sleep(1)", 0),
        ("import time\nt = time.monotonic()", 1),
        ("from time import monotonic", 1),
        ("import datetime\ndatetime.datetime.now()", 1),
        ("from datetime import datetime\ndatetime.now()", 1),
        ("clock.monotonic()", 0),
    ],
)
def test_clock_reads_are_found(source: str, count: int) -> None:
    assert len(clock_reads(source)) == count


def test_the_table_is_read() -> None:
    rooms = table("| `a` | what | nothing | pure |\n| `b` | what | a, c | no |\n")
    assert rooms == {"a": Room("a", frozenset(), "pure"), "b": Room("b", frozenset({"a", "c"}), "no")}
