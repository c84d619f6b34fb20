"""The program's door: `streamlit run dashboard/app.py` serves the pages, the live WebSocket and
`/healthz`, and finds or starts the monitor before any browser connects."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

# `streamlit run` puts this file's folder on the path, not the checkout.
ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from dashboard import preflight  # noqa: E402

# Before anything that needs the system's libraries: one clear line instead of a traceback.
if problems := preflight.check():
    sys.exit("\n".join(problems))

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from dashboard.accounts.book import Accounts  # noqa: E402
from dashboard.accounts.roles import NOBODY, Account  # noqa: E402
from dashboard.certificate.folder import certificate_folder, server_of, troubles  # noqa: E402
from dashboard.certificate.machine import own_addresses  # noqa: E402
from dashboard.certificate.making import CertificateError  # noqa: E402
from dashboard.clock import SystemClock  # noqa: E402
from dashboard.monitor.handle import MonitorError, MonitorHandle  # noqa: E402
from dashboard.monitor.owner import MonitorOwner, ensure_monitor  # noqa: E402
from dashboard.oidc.desk import Desk  # noqa: E402
from dashboard.settings import data_folder  # noqa: E402
from dashboard.store import Doors, StoreError, database_url  # noqa: E402
from dashboard.web import service, videos  # noqa: E402
from dashboard.web.certificate import OPEN_PATHS  # noqa: E402
from dashboard.web.gate import COOKIE, Gate  # noqa: E402
from dashboard.web.places import link, where  # noqa: E402
from dashboard.web.routes import routes  # noqa: E402
from dashboard.web.warm import warm  # noqa: E402
from dashboard.weights import first_start  # noqa: E402

STOP_WAIT_S = 0.8
ACCOUNTS_WAIT_S = 5.0
ACCOUNTS_RETRY_S = 5.0

_LOG = logging.getLogger("dashboard.app")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Monitor and handle for as long as the server runs. A monitor that does not come up does not keep
    the pages away: they say so, and it is tried again."""
    data, clock = data_folder(), SystemClock()
    await asyncio.to_thread(first_start)
    _set_link()
    owner = await _monitor(data, clock)
    handle = MonitorHandle(data, clock)
    handle.start()
    service.install(service.Service(handle, clock, here=_here, oidc=_desk(clock)))
    opening = asyncio.create_task(_open_accounts(data, clock))
    await asyncio.wait({opening}, timeout=ACCOUNTS_WAIT_S)
    _say_where()
    stopping = threading.Event()
    warm(stopping)
    try:
        yield
    finally:
        opening.cancel()
        stopping.set()
        service.uninstall()
        await asyncio.to_thread(videos.stop_all)
        handle.stop()
        await asyncio.to_thread(_stop, owner)


async def _open_accounts(data: Path, clock: SystemClock) -> None:
    """Who may come in, as soon as the database can be opened; the monitor has brought it up to date. Until
    then the gate lets nobody in."""
    while True:
        try:
            doors = await asyncio.to_thread(lambda: Doors(database_url(data)))
            break
        except StoreError as error:
            _LOG.error("%s", error)
            await asyncio.sleep(ACCOUNTS_RETRY_S)
    if (found := service.current_or_none()) is not None:
        service.install(replace(found, accounts=Accounts(doors, clock)))


def _here() -> Account:
    """Whose browser the running page is drawn for: by the cookie with which its line was opened."""
    found = service.current_or_none()
    accounts = found.accounts if found is not None else None
    try:
        account = accounts.session(st.context.cookies.get(COOKIE, "")) if accounts is not None else None
    except StoreError as error:
        _LOG.error("%s", error)
        account = None
    return account or NOBODY


def _say_where() -> None:
    for line in (*where(*_served()), *_certificate_troubles()):
        print(line, flush=True)
    if (accounts := _gatekeeper()) is not None and not accounts.exist():
        print("Only this machine can open it until you have made your account there.", flush=True)


def _certificate_troubles() -> tuple[str, ...]:
    """Of the certificate that is in use, the owner's own or ours, whose addresses we know."""
    file = Path(str(st.get_option("server.sslCertFile") or ""))
    if file == Path():
        return ()
    data, now = data_folder(), SystemClock().utc()
    ours = file.resolve().parent == certificate_folder(data).resolve()
    try:
        server = server_of(file)
    except CertificateError as error:
        return (str(error),)
    return () if server is None else troubles(server, own_addresses() if ours else (), now)


def _desk(clock: SystemClock) -> Desk:
    """The sign-in through providers, configured where Streamlit looks for its secrets."""
    files = [Path(file) for file in st.get_option("secrets.files")]
    desk = Desk(files, _served()[0], clock)
    desk.config()  # What is wrong with it stands in the log from the start.
    return desk


def _gatekeeper() -> Accounts | None:
    found = service.current_or_none()
    return found.accounts if found is not None else None


def _set_link() -> None:
    """The monitor that we start writes into its messages where to look, unless the owner has said it."""
    if not os.environ.get("POOLWATCH_LINK"):
        os.environ["POOLWATCH_LINK"] = link(*_served())


def _served() -> tuple[int, bool, str]:
    secure = bool(st.get_option("server.sslCertFile"))
    return int(st.get_option("server.port")), secure, str(st.get_option("server.address") or "")


async def _monitor(data: Path, clock: SystemClock) -> MonitorOwner:
    try:
        return await asyncio.to_thread(ensure_monitor, data, clock)
    except MonitorError as error:
        _LOG.error("%s", error)
        return MonitorOwner(data, clock, None)


def _stop(owner: MonitorOwner) -> None:
    """Tells the monitor to end, if it is ours, and waits a moment: it ends by itself when we are gone,
    and a service manager or a person at the keyboard should not wait for cameras to close."""
    stopping = threading.Thread(target=owner.stop, name="monitor-stop", daemon=True)
    stopping.start()
    stopping.join(STOP_WAIT_S)


app = st.App(
    "main.py",
    lifespan=lifespan,
    routes=routes(),
    middleware=[Middleware(Gate, accounts=_gatekeeper, open_paths=OPEN_PATHS)],
)
