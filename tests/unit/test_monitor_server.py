"""The socket: good clients, bad clients, slow clients, and the handle that comes back by itself."""

from __future__ import annotations

import asyncio
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.folder import make_socket_folder, socket_path
from dashboard.monitor.handle import CAMERA, REDACTED, CameraView, MonitorError, MonitorHandle
from dashboard.monitor.link import _Outbox
from dashboard.monitor.wire import PROTOCOL_VERSION
from tests.unit.fake_monitor import HandClock
from tests.unit.monitor_loop import RawClient, ServerLoop
from tests.waiting import until

TOUCH = {"type": "touch", "camera": "a", "view": REDACTED}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[ServerLoop]:
    made = ServerLoop(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(loop: ServerLoop) -> Iterator[RawClient]:
    made = RawClient(loop.path)
    yield made
    made.close()


@pytest.fixture
def handle(loop: ServerLoop, tmp_path: Path) -> Iterator[MonitorHandle]:
    made = MonitorHandle(tmp_path, SystemClock())
    made.start()
    assert made.wait_connected(5)
    yield made
    made.stop()


def test_the_socket_is_for_its_owner_only(loop: ServerLoop) -> None:
    assert stat.S_IMODE(loop.path.stat().st_mode) == 0o600


def test_a_client_is_greeted_and_told_the_state(client: RawClient) -> None:
    hello, state = client.receive(), client.receive()
    assert hello is not None and hello.header["version"] == PROTOCOL_VERSION
    assert state is not None and state.header["cameras"] == [{"id": "a", "state": "live"}]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="http"),
        pytest.param(b"\xff\xff\xff\xff", id="a header of 4 GiB"),
        pytest.param(b"\x00\x00\x00\x02[]", id="no object"),
        pytest.param(b"\x00\x00\x00\x02{}", id="no type"),
        pytest.param(b'\x00\x00\x00\x12{"bytes":20000000}', id="a payload over the limit"),
        pytest.param(b'\x00\x00\x00\x0f{"type":"what"}', id="an unknown type"),
    ],
)
def test_a_client_that_talks_nonsense_is_closed_and_no_other(
    loop: ServerLoop, handle: MonitorHandle, data: bytes
) -> None:
    bad = RawClient(loop.path)
    bad.socket.sendall(data)
    assert bad.is_closed()
    bad.close()
    assert handle.request("echo", b"", x=1).result == {"x": 1}


def test_a_client_that_can_be_sent_nothing_is_closed(loop: ServerLoop, client: RawClient) -> None:
    assert client.receive_until("state")
    loop.desk.cameras = [float("nan")]  # type: ignore[list-item]
    loop.do(loop.server.tell_state)
    assert client.is_closed()


def test_half_a_message_and_gone_costs_nobody_anything(loop: ServerLoop, handle: MonitorHandle) -> None:
    for _ in range(20):
        bad = RawClient(loop.path)
        bad.socket.sendall(b"\x00\x00\x10")
        bad.close()
    assert handle.request("echo", b"", x=2).result == {"x": 2}
    until(lambda: loop.do(lambda: len(loop.server._clients)) == 1, 5, "only the good client is left")


def test_a_reply_brings_its_payload(handle: MonitorHandle) -> None:
    reply = handle.request("echo", b"\x00\xff" * 500_000, text="ä")
    assert reply.result == {"text": "ä"} and reply.payload == b"\x00\xff" * 500_000


def test_a_refusal_is_the_reason_in_one_sentence(handle: MonitorHandle) -> None:
    with pytest.raises(MonitorError, match=r"^There is no command 'what'\.$"):
        handle.request("what")


def test_a_failure_of_the_monitor_is_said_and_it_goes_on(handle: MonitorHandle) -> None:
    with pytest.raises(MonitorError, match="its log says more"):
        handle.request("fail")
    assert handle.request("echo", b"").result == {}


def test_what_cannot_be_sent_is_said(handle: MonitorHandle) -> None:
    with pytest.raises(MonitorError, match="cannot be sent"):
        handle.request("echo", bytes(17 << 20))
    with pytest.raises(MonitorError, match="cannot be sent"):
        handle.request("echo", b"", x={1, 2})
    assert handle.connected


def test_nobody_is_sent_what_nobody_looks_at(loop: ServerLoop, client: RawClient) -> None:
    client.receive_until("state")
    loop.observe(1.0)
    client.send({"type": "request", "id": 1, "command": "echo", "args": {}})
    message = client.receive()
    assert message is not None and message.header["type"] == "reply"


def test_a_look_gets_what_is_there_at_once_and_then_what_is_new(
    loop: ServerLoop, handle: MonitorHandle
) -> None:
    loop.observe(1.0)
    handle.touch("a")
    first = until(lambda: handle.latest("a"), 5, "the first view")
    loop.observe(2.0)
    second = until(lambda: (v := handle.latest("a")) and v.seq > first.seq and v, 5, "a newer view")
    assert (first.t, second.t) == (1.0, 2.0)
    assert second.observation["people"] == []


def test_interest_expires(tmp_path: Path) -> None:
    loop = ServerLoop(tmp_path, interest_s=0.3)
    loop.start()
    client = RawClient(loop.path)
    client.send(TOUCH)
    client.receive_until("view")
    now = SystemClock().monotonic
    assert loop.do(lambda: loop.server.looked_at(now())) == {("a", REDACTED)}
    until(lambda: not loop.do(lambda: loop.server.looked_at(now())), 5, "nobody looks any more")
    loop.observe(1.0)
    client.send({"type": "request", "id": 1, "command": "echo", "args": {}})
    message = client.receive()
    assert message is not None and message.header["type"] == "reply"
    client.close()
    loop.stop()


def test_a_look_at_no_camera_or_view_is_nothing(loop: ServerLoop, client: RawClient) -> None:
    client.send({"type": "touch", "camera": "nobody", "view": REDACTED})
    client.send({"type": "touch", "camera": "a", "view": "naked"})
    client.send({"type": "request", "id": 1, "command": "echo", "args": {}})
    assert client.receive_until("reply").header["ok"]
    assert loop.do(lambda: loop.server.looked_at(SystemClock().monotonic())) == frozenset()


def test_a_picture_is_sent_once_and_again_when_it_changed(loop: ServerLoop, client: RawClient) -> None:
    client.send(TOUCH)
    client.receive_until("view")
    payloads = []
    for jpeg in (b"one", None, b"two"):
        if jpeg is not None:
            loop.do(lambda jpeg=jpeg: loop.judge.pictured("a", jpeg))  # type: ignore[misc]
        loop.observe(1.0)
        payloads.append(client.receive_until("view").payload)
    assert payloads == [b"one", b"", b"two"]


def test_a_slow_client_gets_the_newest_only(loop: ServerLoop) -> None:
    slow, quick = RawClient(loop.path), RawClient(loop.path)
    for one in (slow, quick):
        one.send(TOUCH)
    for t in range(300):
        loop.observe(float(t), size=20_000)
    newest = slow.receive_until("view")
    received = 1
    while newest.header["t"] < 299:
        newest = slow.receive_until("view")
        received += 1
    # What lay in the system's own buffer, and then straight the newest.
    assert received < 100
    assert quick.receive_until("view") is not None
    slow.close()
    quick.close()


def test_a_client_that_never_reads_holds_up_nobody_and_fills_no_memory(
    loop: ServerLoop, handle: MonitorHandle
) -> None:
    deaf = RawClient(loop.path)
    deaf.send(TOUCH)
    for number in range(40):
        deaf.send({"type": "request", "id": number, "command": "echo", "args": {"x": "y" * 10_000}})
    for t in range(200):
        loop.observe(float(t), size=20_000)
    assert handle.request("echo", b"").result == {}

    def kept() -> int:
        return max(c._writer.transport.get_write_buffer_size() for c in loop.server._clients)

    assert loop.do(kept) < 100_000
    deaf.close()


def test_waiting_from_another_event_loop(loop: ServerLoop, handle: MonitorHandle) -> None:
    async def story() -> None:
        first = await handle.wait_newer("a", 0, 5)
        assert first is not None
        assert await handle.wait_newer("a", first.seq, 0.05) is None
        waiting = [asyncio.create_task(handle.wait_newer("a", first.seq, 5)) for _ in range(10)]
        await asyncio.sleep(0)
        await asyncio.to_thread(loop.observe, 5.0)
        for view in await asyncio.gather(*waiting):
            assert view is not None and view.t == 5.0

    asyncio.run(story())
    assert handle._book._waiting == {}


def test_waiting_that_is_given_up_leaves_nothing_behind(loop: ServerLoop, handle: MonitorHandle) -> None:
    async def story() -> None:
        waiting = asyncio.create_task(handle.wait_newer("a", 10**12, 60))
        while not handle._book._waiting:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(story())
    assert handle._book._waiting == {}
    loop.observe(1.0)


def test_what_a_browser_pushes_arrives(loop: ServerLoop, handle: MonitorHandle) -> None:
    handle.push_frame("a", 12.5, b"jpeg")
    assert until(lambda: loop.desk.pushed, 5, "the pushed frame") == [("a", 12.5, b"jpeg")]


def test_the_real_picture_is_taken_back_when_it_may_not_be_shown(
    loop: ServerLoop, handle: MonitorHandle
) -> None:
    handle.touch("a", CAMERA)
    loop.observe(1.0, b"real")
    until(lambda: (v := handle.latest("a", CAMERA)) and v.jpeg == b"real", 5, "the real picture")
    loop.desk.opened = {}
    loop.do(loop.server.tell_state)
    until(lambda: handle.latest("a", CAMERA) is None, 5, "it is gone")
    assert handle.opened() == {}


def released_to(loop: ServerLoop, *cameras: str) -> None:
    """The judge's word of which real pictures are released."""
    before = loop.desk.document or {"seq": 0}
    loop.desk.document = {"seq": before["seq"] + 1, "pictures": list(cameras)}
    loop.do(loop.server.tell_site)


def test_a_released_picture_is_kept_until_the_word_of_its_end_and_not_longer(
    loop: ServerLoop, handle: MonitorHandle
) -> None:
    loop.desk.opened = {}
    loop.do(loop.server.tell_state)
    until(lambda: handle.connected and handle.opened() == {}, 5, "sealed")
    handle.touch("a", CAMERA)
    loop.observe(1.0, b"real too early")
    until(lambda: (v := handle.latest("a", CAMERA)) and v.t == 1.0, 5, "the observation")
    assert jpeg_of(handle) is None and handle.released() == frozenset()
    released_to(loop, "a")
    until(lambda: handle.released() == {"a"}, 5, "the release")
    loop.observe(2.0, b"real")
    until(lambda: jpeg_of(handle) == b"real", 5, "the real picture")
    released_to(loop)
    until(lambda: handle.latest("a", CAMERA) is None, 5, "it is gone with the word")
    # One that was on its way goes no further.
    loop.observe(3.0, b"real too late")
    until(lambda: (v := handle.latest("a", CAMERA)) and v.t == 3.0, 5, "the observation")
    assert jpeg_of(handle) is None


def jpeg_of(handle: MonitorHandle) -> bytes | None:
    view = handle.latest("a", CAMERA)
    return None if view is None else view.jpeg


def test_a_monitor_that_goes_away_takes_its_real_pictures_along(tmp_path: Path) -> None:
    loop = ServerLoop(tmp_path)
    loop.desk.opened = {}
    loop.desk.document = {"seq": 1, "pictures": ["a"]}
    loop.start()
    handle = MonitorHandle(tmp_path, SystemClock())
    handle.start()
    try:
        until(lambda: handle.released() == {"a"}, 5, "the release")
        handle.touch("a", CAMERA)
        loop.observe(1.0, b"real")
        until(lambda: jpeg_of(handle) == b"real", 5, "the real picture")
    finally:
        loop.stop()
    until(lambda: not handle.connected, 5, "it is gone")
    until(lambda: handle.latest("a", CAMERA) is None, 5, "and its picture")
    assert handle.released() == frozenset()
    handle.stop()


def test_a_removed_camera_is_forgotten_by_the_handle(loop: ServerLoop, handle: MonitorHandle) -> None:
    handle.touch("a")
    until(lambda: handle.latest("a"), 5, "a view")
    loop.desk.cameras = []
    loop.do(loop.server.tell_state)
    until(lambda: handle.latest("a") is None, 5, "it is gone")
    assert handle.cameras() == ()


def test_what_nobody_looked_at_for_long_is_not_shown_to_the_next(tmp_path: Path) -> None:
    clock = HandClock()
    handle = MonitorHandle(tmp_path, clock)
    handle.touch("a")
    handle._book.put(("a", REDACTED), CameraView("a", 1, clock.t, REDACTED, None, 0, {}, {}))
    clock.t += 5.9
    handle.touch("a")
    assert handle.latest("a") is not None
    clock.t += 6.1
    handle.touch("a")
    assert handle.latest("a") is None


def test_a_monitor_that_hangs_is_not_there(loop: ServerLoop, tmp_path: Path) -> None:
    clock = HandClock()
    handle = MonitorHandle(tmp_path, clock)
    handle.start()
    assert handle.wait_connected(5) and handle.connected
    clock.t += 5.1
    assert not handle.connected
    loop.do(loop.server.tell_state)
    until(lambda: handle.connected, 5, "it speaks again")
    handle.stop()


def test_touches_of_a_monitor_that_hangs_do_not_pile_up() -> None:
    outbox = _Outbox()
    outbox.open()
    for i in range(100):
        outbox.put_newest("touch redacted a", b"%d" % i)
    assert asyncio.run(outbox.next()) == b"99"
    assert not outbox._slots


def test_a_handle_without_a_monitor_says_so(tmp_path: Path) -> None:
    handle = MonitorHandle(tmp_path, SystemClock())
    handle.start()
    assert not handle.connected and handle.lost_since is not None
    with pytest.raises(MonitorError, match="not running"):
        handle.request("echo")
    handle.touch("a")
    handle.push_frame("a", 1.0, b"x")
    assert handle.latest("a") is None
    assert asyncio.run(handle.wait_newer("a", 0, 0.05)) is None
    handle.stop()
    handle.stop()


def test_the_handle_comes_back_to_a_new_monitor_and_numbers_go_on(tmp_path: Path) -> None:
    first = ServerLoop(tmp_path)
    first.start()
    handle = MonitorHandle(tmp_path, SystemClock())
    handle.start()
    assert handle.wait_connected(5) and handle.lost_since is None
    first.observe(1.0)
    seq = asyncio.run(handle.wait_newer("a", 0, 5)).seq  # type: ignore[union-attr]
    first.stop()
    until(lambda: not handle.connected, 5, "the loss is seen")
    assert handle.lost_since is not None
    second = ServerLoop(tmp_path, first_seq=seq + 10)
    second.start()
    assert handle.wait_connected(5) and handle.lost_since is None
    second.observe(9.0)
    view = asyncio.run(handle.wait_newer("a", seq, 5))
    assert view is not None and view.t == 9.0
    handle.stop()
    second.stop()


def test_a_request_under_way_fails_when_the_monitor_goes(tmp_path: Path) -> None:
    loop = ServerLoop(tmp_path)
    loop.start()
    handle = MonitorHandle(tmp_path, SystemClock())
    handle.start()
    assert handle.wait_connected(5)

    async def story() -> None:
        waiting = asyncio.create_task(asyncio.to_thread(handle.request, "hang"))
        while not handle._pending:
            await asyncio.sleep(0)
        await asyncio.to_thread(loop.stop)
        with pytest.raises(MonitorError, match="went away"):
            await waiting

    asyncio.run(story())
    handle.stop()


def test_a_monitor_of_another_version_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.monitor.server.PROTOCOL_VERSION", PROTOCOL_VERSION + 1)
    loop = ServerLoop(tmp_path)
    loop.start()
    handle = MonitorHandle(tmp_path, SystemClock())
    handle.start()
    until(lambda: handle._stranger, 5, "the greeting of a stranger")
    assert not handle.connected
    with pytest.raises(MonitorError, match="another version"):
        handle.request("echo")
    handle.stop()
    loop.stop()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder whose own name is short, as the system's is; pytest's is not."""
    with tempfile.TemporaryDirectory(prefix="pw-") as folder:
        yield Path(folder)


def test_a_long_data_folder_gets_a_short_socket(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temporary))
    deep = tmp_path.joinpath(*["a folder with a long name"] * 5)
    deep.mkdir(parents=True)
    path = socket_path(deep)
    assert len(str(path)) <= 100 and path != socket_path(tmp_path / "other")
    make_socket_folder(deep)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert socket_path(deep) == path


def test_a_planted_socket_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    deep = tmp_path.joinpath(*["a folder with a long name"] * 5)
    deep.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    socket_path(deep).parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        make_socket_folder(deep)
