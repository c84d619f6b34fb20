"""The contact form's logic, without the form: which services there are, what each needs, and the address
that Apprise reads made from it. Messages never repeat what was typed, which may be a password."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from dashboard.web.text import one_line

NAME_LIMIT = 60
FIELD_LIMIT = 500
ADDRESS_LIMIT = 2000
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
Typed = Mapping[str, str]


class FieldError(ValueError):
    """What is wrong with a field, in a plain sentence. `key` names the field."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True)
class Field:
    """One thing that a service needs; a `secret` one is not shown while it is typed."""

    key: str
    label: str
    help: str = ""
    example: str = ""
    needed: bool = True
    secret: bool = False


@dataclass(frozen=True)
class ServiceWords:
    """A way to reach somebody. `how` says what to do before, `address` makes the address."""

    label: str
    how: str
    fields: tuple[Field, ...]
    address: Callable[[Typed], str] = field(repr=False)


def _ntfy(typed: Typed) -> str:
    token = f"{_quoted(typed['token'])}@" if typed["token"] else ""
    topic, loud = typed["topic"], "?priority=max"
    if not _TOPIC.fullmatch(topic):
        raise FieldError("topic", "A topic has up to 64 letters, digits, - and _, and no blanks.")
    if not typed["server"] and not token:
        return f"ntfys://{topic}{loud}"
    secure, host = _server("server", typed["server"] or "ntfy.sh", secure=True)
    auth = "&auth=token" if token else ""
    return f"ntfy{'s' if secure else ''}://{token}{host}/{topic}{loud}{auth}"


def _telegram(typed: Typed) -> str:
    # The colon in the middle of a token is part of the address.
    return f"tgram://{quote(typed['token'], safe=':')}/{_quoted(typed['chat'])}/"


def _email(typed: Typed) -> str:
    user, at, domain = typed["from"].rpartition("@")
    if not user or not domain or " " in typed["from"]:
        raise FieldError("from", "An e-mail address looks like name@example.org.")
    parts = [f"to={_quoted(typed['to'] or typed['from'])}"]
    if typed["smtp"]:
        _, host = _server("smtp", typed["smtp"], secure=True)
        name, _, port = host.partition(":")
        parts += [f"smtp={_quoted(name)}", f"user={_quoted(typed['from'])}"]
        domain = f"{_quoted(domain)}:{port}" if port else _quoted(domain)
    else:
        domain = _quoted(domain)
    return f"mailtos://{_quoted(user)}:{_quoted(typed['password'])}{at}{domain}/?{'&'.join(parts)}"


def _pushover(typed: Typed) -> str:
    return f"pover://{_quoted(typed['user'])}@{_quoted(typed['token'])}/?priority=high"


def _signal(typed: Typed) -> str:
    secure, host = _server("server", typed["server"], secure=False)
    numbers = "/".join(_phone(key, typed[key]) for key in ("from", "to") if typed[key])
    return f"signal{'s' if secure else ''}://{host}/{numbers}"


def _home_assistant(typed: Typed) -> str:
    secure, host = _server("server", typed["server"], secure=False)
    return f"hassio{'s' if secure else ''}://{host}/{_quoted(typed['token'])}"


SERVICES: dict[str, ServiceWords] = {
    "ntfy": ServiceWords(
        "ntfy (an app for phones, no account)",
        "Install the app ntfy on the phone, press + and subscribe to a topic whose name nobody guesses.",
        (
            Field("topic", "Topic", "Whoever knows it can read along.", "our-pool-7f3k"),
            Field("server", "Server", "Empty for ntfy.sh.", "https://ntfy.example.org", needed=False),
            Field("token", "Access token", "Only where the topic asks for one.", needed=False, secret=True),
        ),
        _ntfy,
    ),
    "telegram": ServiceWords(
        "Telegram",
        "Ask @BotFather in Telegram for a new bot; it answers with a token. Write to your bot once, "
        "then ask @userinfobot for your number.",
        (
            Field("token", "Token of the bot", example="123456789:AAH…", secret=True),
            Field("chat", "Your number or your group's", example="12345678"),
        ),
        _telegram,
    ),
    "email": ServiceWords(
        "E-mail",
        "The messages are sent from a mailbox of yours. Most providers want an app password: make one in "
        "the account's security settings. E-mail wakes nobody: better have another way, too.",
        (
            Field("from", "Sent from this mailbox", example="family@example.org"),
            Field("password", "Its password or app password", secret=True),
            Field("to", "To", "Empty for the same mailbox.", "grandma@example.org", needed=False),
            Field("smtp", "Outgoing mail server", "Only where the provider is not known.", needed=False),
        ),
        _email,
    ),
    "pushover": ServiceWords(
        "Pushover",
        "The user key stands on the first page of pushover.net; make an application there for its token.",
        (
            Field("user", "User key", "30 letters and digits.", secret=True),
            Field("token", "Application's token", "30 letters and digits.", secret=True),
        ),
        _pushover,
    ),
    "signal": ServiceWords(
        "Signal (through your own signal-cli-rest-api)",
        "Needs the program signal-cli-rest-api in your network, with a phone number of its own.",
        (
            Field("server", "Server", example="192.168.1.5:8080"),
            Field("from", "Its phone number", example="+41791234567"),
            Field("to", "Phone number to call", example="+41797654321", needed=False),
        ),
        _signal,
    ),
    "home_assistant": ServiceWords(
        "Home Assistant",
        "In Home Assistant open your profile, then Security, and make a long-lived access token.",
        (
            Field("server", "Server", example="homeassistant.local:8123"),
            Field("token", "Long-lived access token", secret=True),
        ),
        _home_assistant,
    ),
    "other": ServiceWords(
        "Any other service (Apprise address)",
        "Apprise reaches more than a hundred services; its pages at appriseit.com tell how each address "
        "is written.",
        (Field("address", "Apprise address", example="service://…", secret=True),),
        lambda typed: typed["address"],
    ),
}


def address_of(service: str, typed: Typed) -> str:
    """The address; FieldError for the first field that cannot be right."""
    words = SERVICES[service]
    cleaned = {one.key: _cleaned(one, typed.get(one.key, "")) for one in words.fields}
    return words.address(cleaned)


def name_problem(name: str, taken: Collection[str]) -> str:
    """What is wrong with a contact's name, "" when nothing is."""
    cleaned = one_line(name, limit=10_000)
    if not cleaned:
        return "Give the contact a name, such as Anna."
    if len(cleaned) > NAME_LIMIT:
        return f"The name has {len(cleaned)} characters; at most {NAME_LIMIT} fit."
    if cleaned.casefold() in {other.casefold() for other in taken}:
        return "Another contact has this name already."
    return ""


def called(contacts: Sequence[Mapping[str, Any]]) -> str:
    """Who is called when nobody answers, in one phrase, "" for nobody."""
    return _and([one_line(str(one["name"])) for one in contacts if one["enabled"] and one["urls"]])


def reached_by(services: Sequence[str]) -> str:
    """The services of somebody's addresses, each once, in one phrase."""
    counts = Counter(one_line(str(service)) for service in services)
    return _and([name if n == 1 else f"{name} ({n} addresses)" for name, n in counts.items()])


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def outcome_words(message: Mapping[str, Any]) -> str:
    """What became of a test message, in words."""
    error = one_line(str(message["error"]), limit=300)
    if message["state"] == "done":
        return "sent"
    if message["state"] == "failed":
        return f"not sent: {error or 'no reason was given'}"
    if message["state"] == "dropped":
        return "not sent: it was taken back"
    if message["attempts"]:
        return f"not sent yet, it is tried again: {error or 'no answer'}"
    return "on its way"


def _cleaned(one: Field, typed: str) -> str:
    text = typed.strip()
    if not text and one.needed:
        raise FieldError(one.key, f"{one.label}: this is missing.")
    limit = ADDRESS_LIMIT if one.key == "address" else FIELD_LIMIT
    if len(text) > limit:
        raise FieldError(one.key, f"{one.label}: {len(text)} characters; at most {limit} fit.")
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise FieldError(one.key, f"{one.label}: there is a line break or another control character in it.")
    return text


def _server(key: str, typed: str, secure: bool) -> tuple[bool, str]:
    """(https, host[:port]) of what was typed, which may begin with http:// or https://; `secure` where it
    begins with neither."""
    try:
        parts = urlsplit(typed if "://" in typed else f"{'https' if secure else 'http'}://{typed}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise FieldError(key, "The server's port is no number.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in typed:
        raise FieldError(key, "A server looks like homeassistant.local:8123 or https://ntfy.example.org.")
    if parts.username or parts.path.strip("/") or parts.query:
        raise FieldError(key, "Only the server's name and port belong here.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme == "https", host + port


def _phone(key: str, typed: str) -> str:
    digits = "".join(c for c in typed if c not in " -/()")
    if not digits.startswith("+") or not digits[1:].isascii() or not digits[1:].isdigit():
        raise FieldError(key, "A phone number begins with + and the country, such as +41791234567.")
    return digits


def _quoted(text: str) -> str:
    return quote(text, safe="")
