"""Keys of sealed video. The machine that records knows a public key only; the private one lies wrapped by the
owner's passphrase. A stolen disk, and whoever runs on the machine later, opens nothing without that.

Each clip has a key of its own, sealed to the public key as in a sealed box (X25519, HKDF-SHA256,
AES-256-GCM); the passphrase is stretched by scrypt (RFC 7914) with 64 MB, as OWASP's cheat sheet has it.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

LEAST_LETTERS, MOST_LETTERS = 10, 200
_N, _R, _P = 1 << 16, 8, 1
_INFO = b"poolwatch clip key 1"
_ONE_TIME = bytes(12)


class SealError(Exception):
    """A seal cannot be made or opened; the message says why in one sentence."""


@dataclass(frozen=True)
class Seal:
    """The installation's lock: 32 bytes of public key, and the private one wrapped."""

    public: bytes
    wrapped: bytes
    nonce: bytes
    salt: bytes
    n: int = _N
    r: int = _R
    p: int = _P

    def to_json(self) -> dict[str, object]:
        found = {name: getattr(self, name).hex() for name in ("public", "wrapped", "nonce", "salt")}
        return {**found, "n": self.n, "r": self.r, "p": self.p}

    @staticmethod
    def from_json(kept: Mapping[str, object]) -> Seal:
        """SealError when it is no seal."""
        try:
            parts = [bytes.fromhex(str(kept[name])) for name in ("public", "wrapped", "nonce", "salt")]
            n, r, p = (int(str(kept[name])) for name in ("n", "r", "p"))
            X25519PublicKey.from_public_bytes(parts[0])
        except (KeyError, TypeError, ValueError):
            raise SealError("What is kept of the seal cannot be read.") from None
        return Seal(parts[0], parts[1], parts[2], parts[3], n, r, p)


def checked_passphrase(typed: str) -> str:
    """In the form in which it is compared: devices write one letter in different ways. SealError says what is
    wrong with it."""
    typed = unicodedata.normalize("NFKC", typed)
    if not LEAST_LETTERS <= len(typed) <= MOST_LETTERS:
        raise SealError(f"The passphrase needs {LEAST_LETTERS} to {MOST_LETTERS} letters.")
    if len(set(typed)) < 4:
        raise SealError("The passphrase is too simple: it has less than four different letters.")
    return typed


def new_seal(passphrase: str) -> Seal:
    """A lock that nobody had before. Slow on purpose."""
    return _wrapped(X25519PrivateKey.generate(), unicodedata.normalize("NFKC", passphrase))


def opened_seal(seal: Seal, passphrase: str) -> X25519PrivateKey:
    """The private key. Slow on purpose; SealError when it is not the passphrase."""
    # Older seals were made of what was typed, as it was typed.
    for form in dict.fromkeys((unicodedata.normalize("NFKC", passphrase), passphrase)):
        key = _stretched(form, seal.salt, seal.n, seal.r, seal.p)
        try:
            return X25519PrivateKey.from_private_bytes(
                AESGCM(key).decrypt(seal.nonce, seal.wrapped, seal.public)
            )
        except InvalidTag:
            continue
    raise SealError("The passphrase is not right.")


def rewrapped(seal: Seal, old: str, new: str) -> Seal:
    """The same lock with another passphrase: what was sealed before opens with the new one."""
    return _wrapped(opened_seal(seal, old), unicodedata.normalize("NFKC", new))


def sealed_key(key: bytes, public: bytes, clip: str) -> bytes:
    """A clip's key, to be opened by who has the private key alone: 32 bytes and what it was sealed with."""
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    return mine + AESGCM(_derived(shared, mine + public)).encrypt(_ONE_TIME, key, clip.encode())


def unsealed_key(sealed: bytes, private: X25519PrivateKey, clip: str) -> bytes:
    """SealError when it was sealed to another key, or for another clip."""
    try:
        mine, public = sealed[:32], private.public_key().public_bytes_raw()
        shared = private.exchange(X25519PublicKey.from_public_bytes(mine))
        return AESGCM(_derived(shared, mine + public)).decrypt(_ONE_TIME, sealed[32:], clip.encode())
    except (InvalidTag, ValueError):
        raise SealError(
            "it was sealed with another key, from before the passphrase was set anew: nobody can open it."
        ) from None


def _wrapped(private: X25519PrivateKey, passphrase: str) -> Seal:
    salt, nonce = os.urandom(16), os.urandom(12)
    public = private.public_key().public_bytes_raw()
    key = _stretched(passphrase, salt, _N, _R, _P)
    return Seal(public, AESGCM(key).encrypt(nonce, private.private_bytes_raw(), public), nonce, salt)


def _stretched(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def _derived(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(shared)
