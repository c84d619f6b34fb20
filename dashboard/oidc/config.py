"""The section `[auth]` of `.streamlit/secrets.toml`, written as for `st.login`: one provider in the section
itself, others in `[auth.NAME]`. What is wrong is said in sentences that repeat no secret.

https://docs.streamlit.io/develop/api-reference/user/st.login
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

BACK = "/signin/oidc/back"
# What st.login asks for where nothing else is said, but for the profile, of which nothing is needed here.
SCOPE, PROMPT = "openid email", "select_account"
SHORTEST_SECRET = 16
_PROVIDER = frozenset({"client_id", "client_secret", "server_metadata_url", "client_kwargs"})
# st.login knows it; here no token is kept, so there is none to show.
_SHARED = frozenset({"redirect_uri", "cookie_secret", "expose_tokens"})
_KWARGS = frozenset({"scope", "prompt", "token_endpoint_auth_method", "code_challenge_method"})
_METHODS = ("client_secret_basic", "client_secret_post", "none")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
# The last part of our own way back.
_TAKEN = frozenset({"back"})
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ConfigError(ValueError):
    """What is wrong with one provider, in a plain sentence."""


@dataclass(frozen=True)
class Provider:
    """One that is whole. `method`: how the token endpoint learns the secret, "" for its own choice."""

    name: str
    label: str
    client_id: str
    client_secret: str = field(repr=False)
    metadata_url: str
    scope: str = SCOPE
    prompt: str = PROMPT
    method: str = ""


@dataclass(frozen=True)
class Config:
    """`troubles`: a sentence for each thing that is wrong; whom it concerns is not among `providers`."""

    redirect_uri: str = ""
    cookie_secret: str = field(default="", repr=False)
    providers: tuple[Provider, ...] = ()
    troubles: tuple[str, ...] = ()

    def provider(self, name: str) -> Provider | None:
        return next((one for one in self.providers if one.name == name), None)


def read(files: Iterable[Path], port: int) -> Config:
    """What the files say; as in Streamlit a later one's `[auth]` counts in place of an earlier one's."""
    section: object = None
    for file in files:
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            return Config(troubles=(f"{file} cannot be read: {error.strerror}.",))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            # Of TOML's message the place alone: what stands there may be a secret.
            place = re.search(r"\(at line \d+, column \d+\)", str(error))
            where = f" {place.group()}" if place else ""
            return Config(troubles=(f"{file} is no TOML{where}.",))
        section = found.get("auth", section)
    if section is None:
        return Config()
    return parsed(section, port) if isinstance(section, dict) else _broken("[auth] must be a section.")


def parsed(section: Mapping[str, Any], port: int) -> Config:
    """`[auth]` as TOML has it; `{port}` in the way back is the server's."""
    try:
        redirect_uri = _way_back(section, port)
        cookie_secret = _text(section, "cookie_secret", "[auth]")
        if len(cookie_secret) < SHORTEST_SECRET:
            raise ConfigError(f"[auth] cookie_secret is shorter than {SHORTEST_SECRET} characters.")
    except ConfigError as error:
        return _broken(str(error))
    providers, troubles = [], []
    for name, given in _sections(section).items():
        try:
            providers.append(_provider(name, given))
        except ConfigError as error:
            troubles.append(str(error))
    known = _PROVIDER | _SHARED
    strange = [key for key, value in section.items() if key not in known and not isinstance(value, dict)]
    troubles += [f"[auth] {key} is not known." for key in strange]
    if not providers and not troubles:
        troubles.append("[auth] names no provider: client_id, client_secret and server_metadata_url.")
    return Config(redirect_uri, cookie_secret, tuple(providers), tuple(troubles))


def _broken(sentence: str) -> Config:
    return Config(troubles=(sentence,))


def _sections(section: Mapping[str, Any]) -> dict[str, Any]:
    """Each provider's own, by its name; `default` is what stands in `[auth]` itself."""
    own = {key: value for key, value in section.items() if key in _PROVIDER}
    named = {
        key: value for key, value in section.items() if isinstance(value, dict) and key != "client_kwargs"
    }
    return {**({"default": own} if own else {}), **named}


def _way_back(section: Mapping[str, Any], port: int) -> str:
    found = _text(section, "redirect_uri", "[auth]").replace("{port}", str(port))
    parts = checked_url(found, "[auth] redirect_uri")
    if parts.path != BACK or parts.query:
        raise ConfigError(
            f"[auth] redirect_uri must end with {BACK}, such as https://pool.example.org{BACK}, and be "
            "entered so at the provider too."
        )
    return found


def _provider(name: str, given: Mapping[str, Any]) -> Provider:
    where = "[auth]" if name == "default" else f"[auth.{name}]"
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise ConfigError(f"[auth] a provider cannot be named {name[:40]!r}: letters, digits, - and _ alone.")
    strange = sorted(given.keys() - _PROVIDER)
    if strange:
        raise ConfigError(f"{where} {strange[0]} is not known.")
    url = _text(given, "server_metadata_url", where)
    parts = checked_url(url, f"{where} server_metadata_url")
    kwargs = _kwargs(given.get("client_kwargs", {}), where)
    method = kwargs.get("token_endpoint_auth_method", "")
    secret = "" if method == "none" else _text(given, "client_secret", where)
    label = (parts.hostname or "") if name == "default" else name[:1].upper() + name[1:].replace("_", " ")
    return Provider(
        name,
        label,
        _text(given, "client_id", where),
        secret,
        url,
        kwargs.get("scope", SCOPE),
        kwargs.get("prompt", PROMPT),
        method,
    )


def _kwargs(given: object, where: str) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ConfigError(f"{where} client_kwargs must be a table of texts.")
    if strange := sorted(given.keys() - _KWARGS):
        raise ConfigError(f"{where} client_kwargs {strange[0]} is not known; known are {_listed(_KWARGS)}.")
    if given.get("code_challenge_method", "S256") != "S256":
        raise ConfigError(f"{where} client_kwargs code_challenge_method can only be S256.")
    if given.get("token_endpoint_auth_method", _METHODS[0]) not in _METHODS:
        raise ConfigError(f"{where} client_kwargs token_endpoint_auth_method: {_listed(_METHODS)}.")
    asked = str(given.get("scope", SCOPE)).split()
    if not {"openid", "email"} <= set(asked):
        raise ConfigError(f"{where} client_kwargs scope must hold openid and email.")
    return dict(given)


def checked_url(url: str, what: str) -> SplitResult:
    """Its parts; ConfigError for one that is none, or that goes over the network unencrypted."""
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.scheme not in ("http", "https") or parts.username or parts.fragment:
        raise ConfigError(f"{what} is no address.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigError(f"{what} must begin with https:// (http:// only on this machine itself).")
    return parts


def _text(given: Mapping[str, Any], key: str, where: str) -> str:
    found = given.get(key)
    if not isinstance(found, str) or not found.strip():
        raise ConfigError(f"{where} {key} is missing.")
    if not found.isprintable() or len(found) > 2000:
        raise ConfigError(f"{where} {key} cannot be right.")
    return found.strip()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
