"""One picture of a camera, taken in a process that is thrown away: a hostile address can hurt nothing
else. As a program (`python -m dashboard.monitor.snapshot`) it is that process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import resource
import sys

from dashboard.clock import SystemClock
from dashboard.monitor.addresses import sentence
from dashboard.monitor.codec import (
    camera_from_json,
    camera_to_json,
    settings_from_json,
    settings_to_json,
    zones_from_json,
    zones_to_json,
)
from dashboard.monitor.launch import child_environment
from dashboard.monitor.wire import PAYLOAD_LIMIT, Message, Unpacker, WireError, pack
from dashboard.settings import Settings
from dashboard.values import CameraSpec, Zone

# Of the time for the test, this much is for the process to start and to end by itself.
_OVERHEAD_S = 2.0
_READ_BYTES = 1 << 16
_LOG = logging.getLogger(__name__)


class SnapshotError(Exception):
    """Why there is no picture, in one plain sentence without credentials."""


async def take_snapshot(spec: CameraSpec, settings: Settings, masks: tuple[Zone, ...] = ()) -> bytes:
    """A JPEG of what the camera shows now, `masks` black, within `settings.monitor.test_s`; SnapshotError
    says why not."""
    limit_s = settings.monitor.test_s
    order = {
        "camera": camera_to_json(spec),
        "settings": settings_to_json(settings),
        "masks": zones_to_json(masks),
        "monitor": os.getpid(),
    }
    # The address goes through standard input: arguments are for every user of the machine to read.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dashboard.monitor.snapshot",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit_s):
            message = await _exchange(process, json.dumps(order).encode())
    except TimeoutError:
        raise SnapshotError(f"No picture came within {limit_s:.0f} s.") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if message is None:
        raise SnapshotError("The test of this camera broke off: its pictures cannot be read.")
    if "error" in message.header:
        raise SnapshotError(str(message.header["error"]))
    return message.payload


async def _exchange(process: asyncio.subprocess.Process, order: bytes) -> Message | None:
    """The process's one message; None when it ends without a whole one, or says too much."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(order)
        process.stdin.close()
        unpacker, total = Unpacker(), 0
        while data := await process.stdout.read(_READ_BYTES):
            total += len(data)
            found = unpacker.feed(data)
            if found or total > 2 * PAYLOAD_LIMIT:
                return found[0] if found else None
    except (OSError, WireError):
        return None
    return None


def main() -> int:
    """The thrown-away process: order on standard input, one message on standard output."""
    # Everything that libraries print goes nowhere: standard output is for the message alone.
    output = os.dup(1)
    os.dup2(2, 1)
    order = json.load(sys.stdin)
    from dashboard.monitor.worker import die_with_parent

    die_with_parent(order["monitor"])
    settings = settings_from_json(order["settings"])
    cpu_s = int(settings.monitor.test_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    message = _looked(camera_from_json(order["camera"]), settings, zones_from_json(order["masks"]))
    with os.fdopen(output, "wb") as stream:
        stream.write(message)
    return 0


def _looked(spec: CameraSpec, settings: Settings, masks: tuple[Zone, ...]) -> bytes:
    from dashboard.monitor.preview import Preview
    from dashboard.source import SourceError, probe

    clock = SystemClock()
    try:
        frame = probe(spec, clock, settings.source, max(1.0, settings.monitor.test_s - _OVERHEAD_S))
    except SourceError as error:
        return pack({"error": sentence(error.reason)})
    preview = Preview(settings.monitor)
    preview.mask(masks)
    jpeg = preview.real(frame.image, clock.monotonic())
    height, width = frame.image.shape[:2]
    return pack({"size": [width, height]}, jpeg or b"")


if __name__ == "__main__":
    code = main()
    # At once: a thread that is stuck inside a camera's driver must not keep the process.
    os._exit(code)
