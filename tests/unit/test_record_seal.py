"""Sealed pictures: opened by the passphrase alone, damaged ones refused, nothing of them in the file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.record.seal import (
    Seal,
    SealError,
    _wrapped,
    checked_passphrase,
    new_seal,
    opened_seal,
    rewrapped,
    sealed_key,
    unsealed_key,
)
from dashboard.record.sealed import SealedWriter, can_be_opened, read_sealed

CLIP, OTHER = "ab" * 16, "cd" * 16
WORDS = "correct horse battery"
SEAL = new_seal(WORDS)
PRIVATE = opened_seal(SEAL, WORDS)


def written(path: Path, *chunks: bytes, public: bytes | None = SEAL.public, close: bool = True) -> Path:
    writer = SealedWriter(path, CLIP, public)
    for chunk in chunks:
        writer.write(chunk)
    if close:
        writer.close()
    else:
        writer.abandon()
    return path


@pytest.mark.parametrize("chunks", [(), (b"",), (b"one",), (b"one", os.urandom(100_000), b"three")])
def test_what_was_sealed_comes_back(tmp_path: Path, chunks: tuple[bytes, ...]) -> None:
    path = written(tmp_path / "x", *chunks)
    assert read_sealed(path, CLIP, PRIVATE) == (b"".join(chunks), True)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_nothing_of_it_is_in_the_file(tmp_path: Path) -> None:
    data = written(tmp_path / "x", b"moov" * 1000).read_bytes()
    assert b"moov" not in data and written(tmp_path / "y", b"moov" * 1000).read_bytes() != data


def test_the_passphrase_is_needed_and_can_be_changed(tmp_path: Path) -> None:
    path = written(tmp_path / "x", b"real")
    with pytest.raises(SealError, match="not right"):
        opened_seal(SEAL, WORDS + " ")
    with pytest.raises(SealError, match="not right"):
        rewrapped(SEAL, "wrong", "another passphrase")
    other = rewrapped(SEAL, WORDS, "another passphrase")
    assert other.public == SEAL.public and other.wrapped != SEAL.wrapped
    assert read_sealed(path, CLIP, opened_seal(other, "another passphrase"))[0] == b"real"
    with pytest.raises(SealError):
        opened_seal(other, WORDS)


COMPOSED, APART, WIDE = (
    "schl\u00fcssel sch\u00f6n",
    "schlu\u0308ssel scho\u0308n",
    "\uff53chl\u00fcssel sch\u00f6n",
)


@pytest.mark.parametrize("typed", [COMPOSED, APART, WIDE])
def test_another_device_writes_the_same_letters_otherwise(typed: str) -> None:
    for seal in (new_seal(APART), rewrapped(SEAL, WORDS, WIDE)):
        assert opened_seal(seal, typed).public_key().public_bytes_raw() == seal.public


def test_a_seal_of_before_opens_as_it_was_typed() -> None:
    older = _wrapped(PRIVATE, APART)
    assert opened_seal(older, APART).private_bytes_raw() == PRIVATE.private_bytes_raw()
    with pytest.raises(SealError, match="not right"):
        opened_seal(older, COMPOSED)
    newer = rewrapped(older, APART, APART)
    assert opened_seal(newer, COMPOSED).private_bytes_raw() == PRIVATE.private_bytes_raw()


def test_the_seal_is_kept_as_text() -> None:
    assert Seal.from_json(SEAL.to_json()) == SEAL
    assert WORDS not in str(SEAL.to_json())
    for broken in ({}, {**SEAL.to_json(), "public": "zz"}, {**SEAL.to_json(), "n": "many"}):
        with pytest.raises(SealError, match="cannot be read"):
            Seal.from_json(broken)


def test_another_installation_opens_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "x", b"real")
    stranger = new_seal("somebody else's words")
    with pytest.raises(SealError, match="another key"):
        read_sealed(path, CLIP, opened_seal(stranger, "somebody else's words"))
    with pytest.raises(SealError):
        opened_seal(replace(SEAL, public=stranger.public), WORDS)


def test_a_clips_key_is_for_that_clip(tmp_path: Path) -> None:
    sealed = sealed_key(b"k" * 32, SEAL.public, CLIP)
    assert unsealed_key(sealed, PRIVATE, CLIP) == b"k" * 32
    for bad in (sealed[:-1], sealed[:20], b""):
        with pytest.raises(SealError):
            unsealed_key(bad, PRIVATE, CLIP)
    with pytest.raises(SealError):
        unsealed_key(sealed, PRIVATE, OTHER)
    with pytest.raises(SealError):
        read_sealed(written(tmp_path / "x", b"real"), OTHER, PRIVATE)


def test_what_broke_off_opens_up_to_there_and_is_not_called_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "x", b"one", b"two", close=False)
    assert read_sealed(path, CLIP, PRIVATE) == (b"onetwo", False)
    os.truncate(path, path.stat().st_size - 5)
    assert read_sealed(path, CLIP, PRIVATE) == (b"one", False)


def test_what_was_changed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x", b"one", b"two")
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(SealError, match="damaged"):
        read_sealed(path, CLIP, PRIVATE)
    path.write_bytes(b"something else")
    with pytest.raises(SealError, match="no sealed picture"):
        read_sealed(path, CLIP, PRIVATE)


def test_without_a_key_nobody_can_open_it_but_who_wrote_it(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "x", CLIP, None)
    writer.write(b"real")
    writer.close()
    assert writer.plain() == b"real" and not can_be_opened(tmp_path / "x")
    with pytest.raises(SealError):
        read_sealed(tmp_path / "x", CLIP, PRIVATE)
    assert can_be_opened(written(tmp_path / "y"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [("", "10 to 200"), ("short", "10 to 200"), ("x" * 201, "10 to 200"), ("aaaaaaaaaaaab", "too simple")],
)
def test_a_weak_passphrase_is_refused(typed: str, why: str) -> None:
    with pytest.raises(SealError, match=why):
        checked_passphrase(typed)
    assert checked_passphrase(WORDS) == WORDS
