"""What a machine lacks is said in one line with the Debian package."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from dashboard import preflight
from tests.material import CHECKOUT


@pytest.mark.parametrize(
    ("libraries", "packages"),
    [
        ({}, []),
        ({"libc.so.6": "libc6"}, []),
        ({"libnosuch.so.9": "libnosuch9", "libc.so.6": "libc6"}, ["libnosuch9"]),
        ({"libb.so.9": "b", "liba.so.9": "a", "libc9.so.9": "a"}, ["a", "b"]),
    ],
    ids=["none", "there", "one missing", "two of one package"],
)
def test_missing_libraries_become_packages(libraries: dict[str, str], packages: list[str]) -> None:
    assert preflight.missing_packages(libraries) == packages


def test_a_missing_library_is_one_line_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "LIBRARIES", {"libnosuch.so.9": "libnosuch9", "libother.so.9": "libother"})
    (line,) = preflight.check()
    assert line.endswith("sudo apt-get install libnosuch9 libother")
    assert "\n" not in line


def test_an_old_python_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "PYTHON", (99, 0))
    assert "needs Python" in preflight.check()[0]


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (ImportError("libGL.so.1: cannot open shared object file: No such file or directory"), "libgl1"),
        (OSError("libEGL.so.1: cannot open shared object file: No such file or directory"), "libegl1"),
        (
            ImportError("libodd.so.3: cannot open shared object file: No such file or directory"),
            "libodd.so.3",
        ),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "'cv2' is missing: make setup"),
    ],
    ids=["OpenCV", "MediaPipe", "unknown library", "package"],
)
def test_what_the_machine_lacks_is_explained(error: Exception, part: str) -> None:
    line = preflight.cause(error)
    assert line is not None and part in line and "\n" not in line


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'dashboard.x'", name="dashboard.x"),
        ImportError("cannot import name 'x' from 'dashboard.values'"),
        FileNotFoundError(2, "No such file or directory", "a.avi"),
    ],
)
def test_our_own_mistakes_are_not_explained_away(error: Exception) -> None:
    assert preflight.cause(error) is None


def test_preflight_needs_no_package() -> None:
    """It runs before any is installed."""
    tree = ast.parse((CHECKOUT / "dashboard" / "preflight.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


class NoRoot:
    """A machine on which this user may install nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, missing: list[str]) -> None:
        monkeypatch.setenv("POOLWATCH_NO_APT", "1")
        monkeypatch.setattr(
            preflight, "_not_installed", lambda packages: [p for p in packages if p in missing]
        )


def test_set_up_without_permission_names_the_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    NoRoot(monkeypatch, [])
    monkeypatch.setattr(preflight, "LIBRARIES", {"libnosuch.so.9": "libnosuch9"})
    assert preflight.prepare("setup") == 1
    assert "sudo apt-get install libnosuch9" in capsys.readouterr().err


def test_set_up_goes_on_without_what_only_a_peer_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    NoRoot(monkeypatch, [])
    monkeypatch.setattr(preflight, "LIBRARIES", {})
    monkeypatch.setattr(preflight, "MEDIAPIPE_LIBRARIES", {"libnosuch.so.9": "libnosuch9"})
    monkeypatch.setattr(preflight, "_missing_venv", list)
    assert preflight.prepare("setup") == 0
    assert "libnosuch9" in capsys.readouterr().err


def test_tests_that_are_left_out_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    NoRoot(monkeypatch, ["chromium"])
    assert preflight.prepare("tests") == 0
    assert capsys.readouterr().out == "Left out: the browser tests, because chromium is not installed.\n"


def test_tests_with_everything_there_say_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    NoRoot(monkeypatch, [])
    assert preflight.prepare("tests") == 0
    assert capsys.readouterr().out == ""


def test_the_makefile_offers_what_the_readme_promises() -> None:
    text = Path(CHECKOUT / "Makefile").read_text(encoding="utf-8")
    for target in ("setup", "run", "test", "lint", "clean"):
        assert f"\n{target}:" in text
