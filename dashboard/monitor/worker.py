"""A camera worker: `python -m dashboard.monitor.worker FD`, started by the monitor only, FD its socket."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import cv2

from dashboard.backends import DEFAULT
from dashboard.clock import SystemClock
from dashboard.monitor.codec import camera_from_json, settings_from_json, zones_from_json
from dashboard.monitor.filming import Filming
from dashboard.monitor.kept_objects import KeptObjects
from dashboard.monitor.orders import MonitorGoneError, MonitorLink, Orders
from dashboard.monitor.pipeline import CameraPipeline, build_pipeline
from dashboard.monitor.watching import Learns, Watching
from dashboard.monitor.wire import Message
from dashboard.settings import Settings
from dashboard.source.reader import Reader
from dashboard.values import CameraSpec
from dashboard.vision import VisionError
from dashboard.weights import WeightsError

_PR_SET_PDEATHSIG = 1
_LOG = logging.getLogger(__name__)


def main(words: list[str]) -> int:
    """Runs until told to stop; 0 then, 1 after a failure that was reported."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s", level=logging.INFO, force=True)
    link = MonitorLink(socket.socket(fileno=int(words[0])))
    try:
        first = link.receive()
    except MonitorGoneError:
        return 1
    die_with_parent(first.header["monitor"])
    # The monitor alone says when to stop: a Ctrl-C in its terminal reaches its children as well.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _work(link, first)


def die_with_parent(parent: int) -> None:
    """The kernel kills this process when its parent is gone (Linux; elsewhere the closed link does)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _work(link: MonitorLink, first: Message) -> int:
    spec = camera_from_json(first.header["camera"])
    settings = settings_from_json(first.header["settings"])
    kept = Path(first.header["background"])
    cv2.setNumThreads(1)
    orders = Orders()
    orders.masks = zones_from_json(first.header["masks"])
    signal.signal(signal.SIGTERM, lambda *_: orders.stopping.set())
    clock = SystemClock()
    # Reading starts before the models are there: connecting and compiling take their time side by side.
    reader = Reader(spec, clock, settings.source, orders.inbox)
    reader.start()
    filming = Filming(settings.record, clock, link.send)
    filming.obey({"type": "seal", "public": first.header["seal"]})
    orders.recorded = filming.obey
    link.follow(orders)
    try:
        pipeline = _pipeline(spec, settings, first.header["threads"])
        link.send({"type": "ready"})
        filming.start()
    except (VisionError, WeightsError) as error:
        link.send({"type": "failed", "reason": str(error)})
        return 1
    _recall(pipeline, kept)
    KeptObjects(kept, spec.id).recall(pipeline.seer, clock.utc().timestamp())
    # What is there now stays for good: the loop's collections need not look through it.
    gc.collect()
    gc.freeze()
    Watching(spec.id, reader, pipeline, orders, link, kept, clock, settings.monitor, filming).run()
    reader.stop()
    filming.stop()
    return 0


def _pipeline(spec: CameraSpec, settings: Settings, threads: int) -> CameraPipeline:
    """The camera's own back end; ours where that one cannot be loaded (any more): it must not go blind."""
    try:
        return build_pipeline(spec.id, settings, threads, backend=spec.backend)
    except VisionError as error:
        if spec.backend == DEFAULT:
            raise
        _LOG.warning("camera %s is watched with Poolwatch's own back end: %s", spec.name, error)
        return build_pipeline(spec.id, settings, threads)


def _recall(pipeline: CameraPipeline, kept: Path) -> None:
    """Loads what was learnt before; what cannot be read is learnt anew."""
    if not isinstance(pipeline.seer, Learns) or not kept.exists():
        return
    try:
        pipeline.seer.load(kept)
        pipeline.recall()
    except (OSError, ValueError, KeyError) as error:
        _LOG.warning("the learnt background is not readable and is learnt anew: %s", error)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    # At once: a thread that is stuck inside a camera's driver must not keep the process.
    os._exit(code)
