"""The sign-in through providers as the routes use it: what there is, the way there, the way back."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from dashboard.clock import Clock
from dashboard.oidc.config import Config, Provider, read
from dashboard.oidc.errors import OidcError, ProviderError, RefusedError
from dashboard.oidc.flow import NOT_BEGUN, Flow, Once, begun, packed, unpacked
from dashboard.oidc.provider import Client
from dashboard.oidc.token import email_of

LONGEST = 4096
_LOG = logging.getLogger(__name__)
# What the files were like: their time of change and size, None for one that is not there.
_Look = tuple[tuple[int, int] | None, ...]


class Desk:
    """Reads the files anew when they have changed: nothing is restarted. Safe for several threads."""

    def __init__(self, files: Sequence[Path], port: int, clock: Clock) -> None:
        self._files = tuple(files)
        self._port = port
        self._clock = clock
        self._lock = threading.Lock()
        self._once = Once()
        self._look: _Look | None = None
        self._config = Config()
        self._clients: dict[Provider, Client] = {}

    def config(self) -> Config:
        """As it is now."""
        look = tuple(_look(file) for file in self._files)
        with self._lock:
            if look != self._look:
                before, self._look = self._config, look
                self._config = read(self._files, self._port)
                for sentence in self._config.troubles:
                    _LOG.warning("sign-in through a provider: %s", sentence)
                if self._config.redirect_uri != before.redirect_uri:
                    self._clients.clear()
            return self._config

    def begin(self, name: str, there: str) -> tuple[str, str]:
        """Where to send the browser, and what its cookie holds meanwhile; OidcError."""
        config = self.config()
        flow = begun(name, there)
        address = self._client(config, name).address(flow)
        return address, packed(flow, config.cookie_secret, self._now())

    def flow(self, cookie: str) -> Flow:
        """Which sign-in is under way in this browser; RefusedError for none."""
        return unpacked(cookie, self.config().cookie_secret, self._now())

    def email(self, flow: Flow, query: Mapping[str, str]) -> str:
        """The e-mail address that the provider vouches for; OidcError says why there is none. `query` is what
        the browser came back with. Only once for each sign-in."""
        if not hmac.compare_digest(query.get("state", "").encode(), flow.state.encode()):
            raise RefusedError(NOT_BEGUN)
        self._once.take(flow.state, self._now())
        client = self._client(self.config(), flow.provider)
        if "error" in query:
            raise _said_no(query["error"])
        code = query.get("code", "")
        if not code or len(code) > LONGEST:
            raise RefusedError("The provider sent nothing to sign in with. Begin again.")
        issuer = client.issuer()
        if (issuer.named or "iss" in query) and query.get("iss") != issuer.name:
            raise RefusedError("This answer is another provider's. Begin again.")
        return email_of(client.claims(flow, code))

    def checked(self) -> tuple[tuple[str, str], ...]:
        """Each provider's label and what is wrong when it is asked, "" for nothing; waits for the network."""
        return tuple((one.label, self._asked(one)) for one in self.config().providers)

    def _asked(self, provider: Provider) -> str:
        try:
            self._client(self.config(), provider.name).issuer()
        except ProviderError as error:
            return error.reason
        return ""

    def _client(self, config: Config, name: str) -> Client:
        provider = config.provider(name)
        if provider is None:
            raise OidcError("There is no such provider (any more). Sign in with your password.")
        with self._lock:
            if provider not in self._clients:
                self._clients[provider] = Client(provider, config.redirect_uri, self._clock)
            return self._clients[provider]

    def _now(self) -> float:
        return self._clock.utc().timestamp()


def _said_no(error: str) -> RefusedError:
    if error == "access_denied":
        return RefusedError("You did not sign in there, or it does not let you.")
    return RefusedError("The provider did not let you sign in. Begin again, or sign in with your password.")


def _look(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
