"""Passwords: what may be one, and what of it is kept."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 10, 200
# NIST SP 800-63B asks to refuse what everybody tries first; of ten characters or more, that is little.
_TRIED_FIRST = frozenset(
    (
        *("1234567890", "0123456789", "12345678910", "123456789a", "1q2w3e4r5t", "qwertyuiop", "qwertzuiop"),
        *("password12", "password123", "password1234", "passwort123", "poolwatch1", "poolwatch12"),
        *("poolwatch123", "swimmingpool", "iloveyou12", "adminadmin", "administrator", "letmein123"),
        *("qwerty12345", "abcdefghij"),
    )
)
# RFC 9106's second choice: 64 MiB and three passes, about 0.1 s.
_HASHER = PasswordHasher()
# Verified where there is no such account, so that its answer takes as long.
_NOBODYS = _HASHER.hash("nobody has this password")


class PasswordError(ValueError):
    """Why it is not taken, in a plain sentence."""


def checked(password: object, name: str = "") -> str:
    """A password that may be set, in the form in which it is compared."""
    if not isinstance(password, str):
        raise PasswordError("The password must be text.")
    found = _normal(password)
    if len(found) < SHORTEST:
        raise PasswordError(
            f"The password must have {SHORTEST} characters or more. Three words make a good one."
        )
    if len(found) > LONGEST:
        raise PasswordError(f"The password has more than {LONGEST} characters.")
    if "\0" in found:
        raise PasswordError("The password holds a control character.")
    folded = found.casefold()
    if folded in _TRIED_FIRST or len(set(folded)) < 4 or (name and folded == name.casefold()):
        raise PasswordError("This password is one of the first that anybody would try. Take another.")
    return found


def hashed(password: str) -> str:
    """What is kept. Slow on purpose."""
    return _HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Whether it is the password of `kept`; "" is nobody's. As slow for nobody's as for somebody's."""
    try:
        return _HASHER.verify(kept or _NOBODYS, _normal(password[: LONGEST + 1])) and bool(kept)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False


def _normal(password: str) -> str:
    """Phones and laptops write the same letter in different ways."""
    return unicodedata.normalize("NFKC", password)
