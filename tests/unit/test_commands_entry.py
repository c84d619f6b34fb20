"""The command line's door, `models` and `doctor`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import __main__ as entry
from dashboard import preflight
from dashboard.commands import doctor
from dashboard.commands.doctor import Finding, State
from dashboard.weights import ProgressLine
from dashboard.weights.registry import load_registry


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ([], 2, "usage: python -m dashboard COMMAND"),
        (["nothing"], 2, "there is no command 'nothing'"),
        (["--help"], 0, "models"),
        (["-h"], 0, "doctor"),
    ],
)
def test_the_door(words: list[str], code: int, part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(words) == code
    said = capsys.readouterr()
    assert part in (said.err if code else said.out)


def a_command(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (folder / "odd_command.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setitem(entry.COMMANDS, "odd", ("odd_command", "for a test"))
    monkeypatch.delitem(sys.modules, "odd_command", raising=False)


def test_a_missing_system_library_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_command(tmp_path, monkeypatch, "raise ImportError('libGL.so.1: cannot open shared object file')")
    assert entry.main(["odd"]) == 1
    assert capsys.readouterr().err == f"{preflight.needs(['libgl1'])}\n"


def test_another_import_error_is_a_mistake_and_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_command(tmp_path, monkeypatch, "from dashboard.values import no_such_thing")
    with pytest.raises(ImportError, match="no_such_thing"):
        entry.main(["odd"])


def test_a_command_that_is_interrupted_ends_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def add_arguments(parser): pass\ndef run(args): raise KeyboardInterrupt\n"
    a_command(tmp_path, monkeypatch, text)
    assert entry.main(["odd"]) == 130


@pytest.fixture
def empty_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("POOLWATCH_MODELS", str(folder))
    return folder


def test_list_names_every_entry_with_licence_and_folder(
    empty_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(["models", "list"]) == 0
    said = capsys.readouterr().out
    for one in load_registry().values():
        assert f"{one.name}: not installed ({one.role})" in said
        assert one.licence in said and one.home in said
    assert str(empty_models) in said


@pytest.mark.usefixtures("empty_models")
@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["yolo"], "there are no weights named 'yolo' (there are mediapipe-pose, yolox-nano"),
        (["yolox-nano", "--from", "."], "does not hold yolox_nano.onnx"),
        (["yolox-nano", "--from", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_install_says_in_one_sentence_what_is_wrong(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(["models", "install", *words]) == 1
    said = capsys.readouterr().err
    assert part in said
    assert said.count("\n") == 1


def test_progress_in_a_file_is_a_line_a_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()
    for hundredth in range(100):
        line("taking it", hundredth / 100)
    line("x is installed", 1.0)
    assert capsys.readouterr().err.splitlines() == [
        "taking it: 0%",
        "taking it: 25%",
        "taking it: 50%",
        "taking it: 75%",
        "x is installed.",
    ]


def test_the_doctor_survives_a_check_that_fails() -> None:
    def broken() -> Iterator[Finding]:
        yield Finding(State.OK, "before", "")
        raise RuntimeError("it broke")

    findings = doctor.examine([("broken", broken), ("sound", doctor.sound)])
    assert findings[0].what == "before"
    assert findings[1] == Finding(State.WRONG, "broken", "RuntimeError: it broke")
    assert findings[-1].what == "sound"


def test_the_doctor_misses_the_default_weights(
    empty_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(argparse.Namespace()) == 1
    said = capsys.readouterr().out
    assert "WRONG  weights mediapipe-pose: not installed" in said
    assert "python -m dashboard models install mediapipe-pose" in said
    assert "note   weights yolox-nano: not installed" in said


def test_the_doctor_sees_a_damaged_file(empty_models: Path) -> None:
    default = load_registry()["mediapipe-pose"]
    folder = empty_models / default.name
    folder.mkdir(parents=True)
    for file in default.exports[0].files:
        (folder / file.name).write_bytes(bytes(file.size))
    (finding,) = [one for one in doctor.models() if one.what.endswith("mediapipe-pose")]
    assert finding.state is State.WRONG
    assert f"expected {default.exports[0].files[0].sha256}, found" in finding.text


def test_the_doctor_names_a_data_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("POOLWATCH_DATA", str(tmp_path / "file" / "data"))
    (finding,) = doctor.data()
    assert finding.state is State.WRONG
    assert "cannot be written" in finding.text and "POOLWATCH_DATA" in finding.text


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("", []),
        ("# a==1\n", []),
        ("a==1.2\nb-c[x]==3 # why\nd>=4\n-r other.txt\n", [("a", "1.2"), ("b-c", "3")]),
    ],
)
def test_pins_are_read(text: str, pins: list[tuple[str, str]]) -> None:
    assert doctor.pinned(text) == pins


def test_the_doctor_sees_a_wrong_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("pytest==0.0.1\nno-such-package==1\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "REQUIREMENTS", path)
    finding = next(doctor.packages())
    assert finding.state is State.WRONG
    assert "not 0.0.1" in finding.text and "no-such-package is missing" in finding.text
