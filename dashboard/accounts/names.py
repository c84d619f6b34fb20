"""Names and e-mail addresses of members, checked. Pure."""

from __future__ import annotations

import unicodedata

LONGEST_NAME, LONGEST_EMAIL = 60, 200
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BAD = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


class BadNameError(ValueError):
    """Why it is not taken, in a plain sentence."""


def checked_name(name: object) -> str:
    """A name that may be given: on one line, printable, not too long."""
    if not isinstance(name, str):
        raise BadNameError("The name must be text.")
    if len(name) > 10 * LONGEST_NAME:
        raise BadNameError(f"The name is longer than {LONGEST_NAME} characters.")
    found = " ".join(unicodedata.normalize("NFC", name).split())
    if not found:
        raise BadNameError("The name is empty.")
    if len(found) > LONGEST_NAME:
        raise BadNameError(f"The name is longer than {LONGEST_NAME} characters.")
    if any(unicodedata.category(letter) in _BAD for letter in found):
        raise BadNameError("The name holds a control character.")
    return found


def checked_email(email: object) -> str:
    """An address, or "" for none."""
    if not isinstance(email, str) or len(email) > LONGEST_EMAIL:
        raise BadNameError(f"The e-mail address must be text of at most {LONGEST_EMAIL} characters.")
    found = email.strip()
    before, at, behind = found.partition("@")
    if found and (not before or not at or "." not in behind or not found.isprintable() or " " in found):
        raise BadNameError("That is no e-mail address.")
    return found


def folded(name: object) -> str:
    """As names are compared: two that look the same are the same."""
    text = name[: 10 * LONGEST_NAME] if isinstance(name, str) else ""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:200]


def folded_email(email: object) -> str:
    """As e-mail addresses are compared. Only A to Z become small: letters that Unicode folds or composes into
    one another (the Kelvin sign and k, two s and one sharp one) are other people's mailboxes."""
    text = email if isinstance(email, str) and len(email) <= LONGEST_EMAIL else ""
    return text.strip().translate(_SMALL)
