"""A worker's output in the monitor's log, and the log itself: by the line, no flood, no secrets."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.journal import start_journal
from dashboard.monitor.relay import Relay
from dashboard.values import CameraSpec, SourceKind

POOL = CameraSpec("a", "Pool", SourceKind.RTSP, "rtsp://user:hunter2@cam/live")


def relayed(data: bytes) -> str:
    """The last words of a worker that printed `data`."""

    async def run() -> str:
        stream = asyncio.StreamReader()
        relay = Relay(POOL, SystemClock())
        relay.start(stream)
        stream.feed_data(data)
        stream.feed_eof()
        return await relay.last_words()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("printed", "last"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"\n\n", "", id="empty lines"),
        pytest.param(b"one\ntwo\n", "two", id="lines"),
        pytest.param(b"one\nhalf a li", "half a li", id="cut off"),
        pytest.param(b"\xff\xfe\n", "\ufffd\ufffd", id="no text"),
        pytest.param(b"x" * 2_000_000, "x" * 500, id="one endless line"),
    ],
)
def test_the_last_words(printed: bytes, last: str) -> None:
    assert relayed(printed) == last


def test_the_last_words_hold_no_password() -> None:
    assert "hunter2" not in relayed(b"rtsp://user:hunter2@cam/live failed")


def test_a_password_does_not_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    relayed(b"[rtsp] cannot open rtsp://user:hunter2@cam/live: 401\nhunter2\n")
    assert "401" in caplog.text and "hunter2" not in caplog.text


def test_a_flood_is_cut_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    relayed(b"again\n" * 100_000)
    assert 20 <= len(caplog.records) <= 40
    assert "left out" in caplog.records[-1].getMessage()


def test_a_workers_warning_stays_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    relayed(b"WARNING the disk is full\nlibrary noise\n")
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [("WARNING", "Pool: the disk is full"), ("INFO", "Pool: library noise")]


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    before = (list(logger.handlers), logger.level, logging.raiseExceptions)
    yield logger
    for handler in [h for h in logger.handlers if h not in before[0]]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(before[1])
    logging.raiseExceptions = before[2]


def test_the_journal_hides_user_and_password_of_any_address(root: logging.Logger, tmp_path: Path) -> None:
    start_journal(tmp_path / "logs" / "monitor.log", printing=False)
    try:
        raise ValueError("rtsp://user:hunter2@cam/live and http://a:b@c/")
    except ValueError:
        root.exception("opening %s failed", "rtsp://user:hunter2@cam/live")
    text = (tmp_path / "logs" / "monitor.log").read_text()
    assert "rtsp://***@cam/live" in text and "http://***@c/" in text
    assert "hunter2" not in text and "a:b" not in text


def test_the_journal_does_not_grow_without_end(root: logging.Logger, tmp_path: Path) -> None:
    start_journal(tmp_path / "monitor.log", printing=False)
    for _ in range(120):
        root.info("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) < 9_000_000


def test_a_journal_that_cannot_be_written_costs_only_the_file(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    start_journal(tmp_path / "file" / "monitor.log", printing=True)
    root.warning("still said")
    assert "cannot be written" in capsys.readouterr().err
    assert any(getattr(handler, "stream", None) is sys.stderr for handler in root.handlers)
