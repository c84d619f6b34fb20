"""The file of a sealed real picture: a mark, the clip's key (sealed), then one encrypted chunk after the
other, as they come. Nothing of it is ever on the disk in plain. What breaks off opens up to the last chunk.

Layout: `PWSEAL1` and a line feed; 4 bytes length (big endian) and the sealed key; for each chunk 4 bytes
length and AES-256-GCM of it, its number as nonce, clip and number as what is attested. An empty last chunk
says that nothing was cut off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dashboard.record.folder import private_file
from dashboard.record.seal import SealError, sealed_key, unsealed_key

_MARK = b"PWSEAL1\n"
_MOST_CHUNK = 64 << 20


class SealedWriter:
    """Encrypts what is written, into `path`. Without a `public` key nobody but this object can ever open it.
    OSError when the disk refuses."""

    def __init__(self, path: Path, clip: str, public: bytes | None) -> None:
        self._clip = clip
        self._key = os.urandom(32)
        self._number = 0
        self._path = path
        self._file: IO[bytes] = private_file(path)
        sealed = b"" if public is None else sealed_key(self._key, public, clip)
        self._file.write(_MARK + len(sealed).to_bytes(4, "big") + sealed)

    def write(self, data: bytes) -> None:
        if data:
            self._chunk(data)

    def close(self) -> None:
        """Says that it is whole."""
        self._chunk(b"")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        self._file.close()

    def plain(self) -> bytes:
        """What was written, for as long as this object lives. After `close`."""
        return read_with_key(self._path, self._clip, self._key)[0]

    def _chunk(self, data: bytes) -> None:
        locked = AESGCM(self._key).encrypt(_nonce(self._number), data, _attested(self._clip, self._number))
        self._file.write(len(locked).to_bytes(4, "big") + locked)
        self._file.flush()
        self._number += 1


def read_sealed(path: Path, clip: str, private: X25519PrivateKey) -> tuple[bytes, bool]:
    """What lies sealed in the file, and whether it is whole. SealError, OSError."""
    with path.open("rb") as file:
        key = unsealed_key(_head(file), private, clip)
    return read_with_key(path, clip, key)


def read_with_key(path: Path, clip: str, key: bytes) -> tuple[bytes, bool]:
    """The same with the clip's own key."""
    found, number = bytearray(), 0
    with path.open("rb") as file:
        _head(file)
        while len(size := file.read(4)) == 4:
            length = int.from_bytes(size, "big")
            locked = file.read(length) if length <= _MOST_CHUNK else b""
            if len(locked) < length:
                break
            try:
                data = AESGCM(key).decrypt(_nonce(number), locked, _attested(clip, number))
            except InvalidTag:
                raise SealError("The sealed picture is damaged, or is another clip's.") from None
            if not data:
                return bytes(found), True
            found += data
            number += 1
    return bytes(found), False


def can_be_opened(path: Path) -> bool:
    """Whether anybody has a key for it."""
    try:
        with path.open("rb") as file:
            return bool(_head(file))
    except SealError:
        return False


def _head(file: IO[bytes]) -> bytes:
    if file.read(len(_MARK)) != _MARK:
        raise SealError("This is no sealed picture.")
    return file.read(int.from_bytes(file.read(4), "big") % 4096)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _attested(clip: str, number: int) -> bytes:
    return f"{clip}:{number}".encode()
