"""A network between a camera and its reader that can hold data back, damage it, or drop the connection."""

from __future__ import annotations

import random
import select
import socket
import threading
from types import TracebackType

LARGEST_READ = 4096
LOOK_S = 0.05


class BadNetwork:
    """Forwards a port of loopback to `camera_port`. `port` is where the reader connects.

    While `hold` is set, what the camera sends is kept and not passed on; while `damage` is set, one byte
    of each piece is overwritten (`seed` says which). `drop()` cuts every connection.
    """

    def __init__(self, camera_port: int, seed: int = 1) -> None:
        self._camera_port = camera_port
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._dropped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.hold = threading.Event()
        self.damage = threading.Event()
        self._threads = [threading.Thread(target=self._serve, name="bad-network")]

    def __enter__(self) -> BadNetwork:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def drop(self) -> None:
        self._dropped.set()

    def _serve(self) -> None:
        while not self._over.is_set():
            if not select.select([self._listener], [], [], LOOK_S)[0]:
                continue
            reader, _ = self._listener.accept()
            thread = threading.Thread(target=self._forward, args=(reader,), name="bad-network-pipe")
            self._threads.append(thread)
            thread.start()

    def _forward(self, reader: socket.socket) -> None:
        kept = b""
        self._dropped.clear()
        with reader, socket.create_connection(("127.0.0.1", self._camera_port)) as camera:
            while not self._over.is_set() and not self._dropped.is_set():
                ready, _, _ = select.select([reader, camera], [], [], LOOK_S)
                try:
                    if reader in ready:
                        asked = reader.recv(LARGEST_READ)
                        camera.sendall(asked)
                    got = camera.recv(LARGEST_READ) if camera in ready else b""
                    if (reader in ready and not asked) or (camera in ready and not got):
                        return
                    kept += self._worn(got)
                    if not self.hold.is_set():
                        reader.sendall(kept)
                        kept = b""
                except OSError:
                    return

    def _worn(self, data: bytes) -> bytes:
        if not self.damage.is_set() or not data:
            return data
        worn = bytearray(data)
        worn[self._random.randrange(len(worn))] = self._random.randrange(256)
        return bytes(worn)
