"""Every door, with every key: no cookie, a forged one, one that is over, another role, a foreign page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.accounts import passwords
from dashboard.accounts.book import IDLE_DAYS, Accounts
from dashboard.accounts.members import AccountError
from dashboard.accounts.roles import Account, Role, right_of_command
from dashboard.accounts.throttle import LONGEST_WAIT_S
from dashboard.monitor.handle import Reply
from dashboard.store import Doors
from dashboard.web import gate, service
from dashboard.web.gate import COOKIE, SIGNED_OUT, Gate
from dashboard.web.routes import routes
from dashboard.web.service import Service
from tests.unit.fake_monitor import FakeHandle, HandClock

PASSWORD = "three quiet words"
INSIDE = ("/", "/members", "/_stcore/health", "/media/x", "/component/x")
DOORS = (*INSIDE, "/api/zones", "/account", "/clips/a/real")
SOCKETS = ("/ws/site", "/ws/live", "/_stcore/stream")
LAN = ("192.168.1.20", 50_000)
HERE = ("127.0.0.1", 50_000)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are slow on purpose."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


class WallClock(HandClock):
    def later(self, **much: int) -> None:
        self.t += timedelta(**much).total_seconds()


@pytest.fixture
def clock() -> WallClock:
    return WallClock(1_800_000_000.0)


@pytest.fixture
def accounts(tmp_path: Path, clock: WallClock) -> Iterator[Accounts]:
    doors = Doors(f"sqlite:///{tmp_path / 'gate.db'}")
    yield Accounts(doors, clock)
    doors.close()


@pytest.fixture
def handle(accounts: Accounts, clock: WallClock) -> Iterator[FakeHandle]:
    found = FakeHandle()
    service.install(Service(found, clock, accounts))
    yield found
    service.uninstall()


def client(accounts: Accounts, who: tuple[str, int] = LAN, base: str = "http://pool.lan") -> TestClient:
    async def inside(request: object) -> PlainTextResponse:
        return PlainTextResponse("inside")

    doors = [Route(path, inside) for path in INSIDE]
    app = Starlette(routes=[*routes(), *doors], middleware=[Middleware(Gate, accounts=lambda: accounts)])
    return TestClient(app, base_url=base, client=who, follow_redirects=False)


def member(accounts: Accounts, role: Role, name: str = "") -> str:
    """The cookie of a new member's device."""
    name = name or role.value.title()
    if not accounts.exist():
        accounts.create_owner("Olga", PASSWORD, "test")
    owner = Account("x", "Olga", Role.OWNER)
    return accounts.accept(accounts.invite(owner, name, role, "", "test"), PASSWORD, LAN[0], "test")


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    "cookie", ["", "forged", "x" * 5_000, "\u00e4\x7f"], ids=["none", "forged", "long", "odd"]
)
def test_no_door_opens_without_a_device_that_is_signed_in(
    accounts: Accounts, handle: FakeHandle, path: str, cookie: str
) -> None:
    member(accounts, Role.OWNER)
    headers = {"cookie": f"{COOKIE}={cookie}".encode("latin-1")} if cookie else {}
    found = client(accounts).get(path, headers=headers)  # type: ignore[arg-type]
    assert found.status_code == 401 and "inside" not in found.text


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("cookie", ["", "forged"])
def test_no_socket_opens_without(accounts: Accounts, handle: FakeHandle, path: str, cookie: str) -> None:
    member(accounts, Role.OWNER)
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client(accounts).websocket_connect(path, headers={"cookie": f"{COOKIE}={cookie}"}) as socket,
    ):
        socket.receive_text()
    assert refused.value.code == SIGNED_OUT


def test_a_page_is_sent_to_the_sign_in_and_back(accounts: Accounts, handle: FakeHandle) -> None:
    member(accounts, Role.OWNER)
    browser = client(accounts)
    found = browser.get("/members?a=1", headers={"accept": "text/html"})
    assert (found.status_code, found.headers["location"]) == (303, "/signin?next=/members%3Fa%3D1")
    form = {"name": "olga", "password": PASSWORD, "next": "/members"}
    done = browser.post("/signin", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/members")
    told = done.headers["set-cookie"].lower()
    assert "httponly" in told and "samesite=lax" in told and "secure" not in told
    assert browser.get("/members").text == "inside"


def test_over_https_the_cookie_is_for_https_alone(accounts: Accounts, handle: FakeHandle) -> None:
    member(accounts, Role.OWNER)
    done = client(accounts, base="https://pool.lan").post(
        "/signin", data={"name": "Olga", "password": PASSWORD}
    )
    assert "secure" in done.headers["set-cookie"].lower()


@pytest.mark.parametrize("there", ["//evil.example", "https://evil.example", "/\\evil", "/\r\nx"])
def test_the_way_back_is_never_elsewhere(accounts: Accounts, handle: FakeHandle, there: str) -> None:
    member(accounts, Role.OWNER)
    form = {"name": "Olga", "password": PASSWORD, "next": there}
    assert client(accounts).post("/signin", data=form).headers["location"] == "/"


def test_a_device_that_does_not_come_is_forgotten(
    accounts: Accounts, handle: FakeHandle, clock: WallClock
) -> None:
    token = member(accounts, Role.VIEWER)
    headers = {"cookie": f"{COOKIE}={token}"}
    for _ in range(5):
        clock.later(days=IDLE_DAYS - 1)
        assert client(accounts).get("/", headers=headers).status_code == 200
    clock.later(days=IDLE_DAYS + 1)
    assert client(accounts).get("/", headers=headers).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://pool.lan:99", "http://["])
def test_a_foreign_page_changes_nothing(accounts: Accounts, handle: FakeHandle, origin: str) -> None:
    token = member(accounts, Role.OWNER)
    headers = {"cookie": f"{COOKIE}={token}", "origin": origin}
    for path in ("/signin", "/signout", "/account", "/api/zones/read"):
        assert client(accounts).post(path, headers=headers, data={"x": "y"}).status_code == 403
    for path in ("/ws/site", "/_stcore/stream"):
        with (
            pytest.raises(WebSocketDisconnect),
            client(accounts).websocket_connect(path, headers=headers) as line,
        ):
            line.receive_text()


@pytest.mark.parametrize(
    ("role", "command", "allowed"),
    [
        pytest.param(Role.VIEWER, "alarm.acknowledge", False, id="a viewer does not answer"),
        pytest.param(Role.VIEWER, "mode.set", False, id="a viewer does not change the mode"),
        pytest.param(Role.GUARDIAN, "alarm.acknowledge", True, id="a guardian answers"),
        pytest.param(Role.GUARDIAN, "pin.set", False, id="a guardian sets no PIN"),
        pytest.param(Role.OWNER, "alarm.acknowledge", True, id="an owner answers"),
    ],
)
def test_a_command_is_checked_at_the_server(
    accounts: Accounts, handle: FakeHandle, role: Role, command: str, allowed: bool
) -> None:
    token = member(accounts, role)
    handle.refuse[command] = "the monitor was asked"
    with client(accounts).websocket_connect("/ws/site", headers={"cookie": f"{COOKIE}={token}"}) as line:
        line.send_json({"type": "command", "id": 1, "command": command, "args": {"id": 1, "who": "Olga"}})
        reply = next(m for m in iter(line.receive_json, None) if m["type"] == "reply")
    assert (reply["error"] == "the monitor was asked") is allowed
    assert allowed or reply["error"].startswith("Only ")


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.VIEWER])
def test_no_id_in_an_address_opens_what_is_the_owners(
    accounts: Accounts, handle: FakeHandle, role: Role
) -> None:
    headers = {"cookie": f"{COOKIE}={member(accounts, role)}"}
    browser = client(accounts)
    assert browser.get(f"/clips/{'a' * 32}/real", headers=headers).status_code == 403
    assert browser.put("/api/zones/c1", headers=headers, json={}).status_code == 403
    assert browser.post(f"/api/clips/{'a' * 32}/delete", headers=headers, json={}).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.GUARDIAN, 200), (Role.VIEWER, 403)])
def test_guardians_look_at_zones_and_owners_change_them(
    accounts: Accounts, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, role: Role, status: int
) -> None:
    monkeypatch.setattr(handle, "_zones_list", lambda: Reply({"zones": {}}), raising=False)
    headers = {"cookie": f"{COOKIE}={member(accounts, role)}"}
    browser = client(accounts)
    found = browser.get("/api/zones", headers=headers)
    assert found.status_code == status
    assert status != 200 or found.json()["may_save"] is (role is Role.OWNER)
    may = 403 if role is not Role.OWNER else 422
    assert browser.put("/api/zones/c1", headers=headers, json={}).status_code == may
    assert browser.post("/api/zones/read", headers=headers, content="x").status_code == may
    assert browser.delete("/api/zones/c1", headers=headers).status_code in (403, 405)


def test_a_line_ends_when_its_device_is_signed_out(
    accounts: Accounts, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LOOK_EVERY_S", 0.01)
    token = member(accounts, Role.GUARDIAN)
    account = accounts.session(token)
    assert account is not None
    with client(accounts).websocket_connect("/ws/site", headers={"cookie": f"{COOKIE}={token}"}) as line:
        assert line.receive_json()["you"] == {
            "name": "Guardian",
            "role": "guardian",
            "may": ["answer", "label", "look", "modes", "zones"],
        }
        accounts.sign_out_everywhere(account, "elsewhere")
        with pytest.raises(WebSocketDisconnect) as over:
            while True:
                line.receive_text()
    assert over.value.code == SIGNED_OUT


# The first visit


@pytest.mark.parametrize(
    ("who", "base", "headers"),
    [
        pytest.param(LAN, "http://localhost", {}, id="another device"),
        pytest.param(HERE, "http://localhost", {"x-forwarded-for": "127.0.0.1"}, id="through a proxy"),
        pytest.param(HERE, "http://evil.example", {}, id="a name that was pointed here"),
        pytest.param(LAN, "http://localhost", {"x-forwarded-for": "127.0.0.1"}, id="a header that lies"),
    ],
)
def test_before_there_is_an_owner_only_this_machine_comes_in(
    accounts: Accounts, handle: FakeHandle, who: tuple[str, int], base: str, headers: dict[str, str]
) -> None:
    form = {"act": "first", "name": "Mallory", "password": PASSWORD, "again": PASSWORD}
    browser = client(accounts, who, base)
    refused = browser.get("/signin", headers=headers)
    assert refused.status_code == 403 and "at http://localhost:" in refused.text
    assert browser.post("/signin", headers=headers, data=form).status_code == 403
    assert not accounts.exist()


def test_the_first_visit_makes_the_owner_once(accounts: Accounts, handle: FakeHandle) -> None:
    browser = client(accounts, HERE, "http://localhost")
    assert browser.get("/", headers={"accept": "text/html"}).headers["location"] == "/signin"
    form = {"act": "first", "name": " Olga  <b>", "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/signin", data=form).status_code == 303
    assert browser.get("/").text == "inside"
    again = client(accounts, HERE, "http://localhost").post("/signin", data={**form, "name": "Mallory"})
    assert again.status_code == 422 and [m.name for m in accounts.members()] == ["Olga <b>"]


SEALING = "also seals recorded real pictures"


@pytest.mark.parametrize("wished", [True, False])
def test_the_owners_password_seals_real_pictures_where_it_is_wished(
    accounts: Accounts, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch, wished: bool
) -> None:
    monkeypatch.setattr(handle, "_seal_set", lambda **_: Reply(), raising=False)
    browser = client(accounts, HERE, "http://localhost")
    offered = browser.get("/signin").text
    assert SEALING in offered and 'name="seal" value="1" aria-describedby="seal-hint" checked' in offered
    form = {"act": "first", "name": "Olga", "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/signin", data={**form, **({"seal": "1"} if wished else {})}).status_code == 303
    asked = [args for command, args in handle.requests if command == "seal.set"]
    assert [(args["passphrase"], args["who"]) for args in asked] == ([(PASSWORD, "Olga")] if wished else [])


def test_a_seal_that_cannot_be_set_is_said_and_the_account_is_there(
    accounts: Accounts, handle: FakeHandle
) -> None:
    handle.refuse["seal.set"] = "The monitor is not running."
    browser = client(accounts, HERE, "http://localhost")
    form = {"act": "first", "name": "Olga", "password": PASSWORD, "again": PASSWORD, "seal": "1"}
    told = browser.post("/signin", data=form)
    assert told.status_code == 200 and "No real picture is kept yet" in told.text and "People" in told.text
    assert accounts.exist() and browser.get("/").text == "inside"


def test_a_seal_that_is_there_is_not_offered_again(
    accounts: Accounts, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handle, "_seal_state", lambda **_: Reply({"set": True}), raising=False)
    assert SEALING not in client(accounts, HERE, "http://localhost").get("/signin").text


def test_a_tick_that_was_taken_away_stays_away_when_the_form_comes_back(
    accounts: Accounts, handle: FakeHandle
) -> None:
    form = {"act": "first", "name": "Olga", "password": "short", "again": "short"}
    found = client(accounts, HERE, "http://localhost").post("/signin", data=form).text
    assert SEALING in found and " checked" not in found


@pytest.mark.parametrize(("role", "told"), [(Role.OWNER, True), (Role.GUARDIAN, False)])
def test_who_changes_a_password_hears_that_the_seal_stays(
    accounts: Accounts, handle: FakeHandle, role: Role, told: bool
) -> None:
    headers = {"cookie": f"{COOKIE}={member(accounts, role)}"}
    form = {"old": PASSWORD, "password": "another four words", "again": "another four words"}
    found = client(accounts).post("/account", headers=headers, data=form)
    assert found.status_code == 200 and ("sealed video stays as it is" in found.text) is told


@pytest.mark.parametrize("command", ["seal.set", "seal.change", "clips.open", "clips.close", "clips.real"])
def test_sealed_video_is_the_owners_alone(command: str) -> None:
    may = [role for role in Role if Account("x", "X", role).may(right_of_command(command))]
    assert may == [Role.OWNER]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"password": "short", "again": "short"}, "10 characters"),
        ({"again": "another one here"}, "not the same"),
        ({"name": ""}, "name is empty"),
        ({"name": "a\0b"}, "control character"),
        ({"name": "x" * 61}, "longer than 60"),
        ({"password": "password123", "again": "password123"}, "first that anybody would try"),
        ({"pin": "12"}, "4 to 12 digits"),
    ],
)
def test_what_cannot_be_is_said(
    accounts: Accounts, handle: FakeHandle, wrong: dict[str, str], says: str
) -> None:
    form = {"act": "first", "name": "Olga", "password": PASSWORD, "again": PASSWORD, **wrong}
    found = client(accounts, HERE, "http://localhost").post("/signin", data=form)
    assert found.status_code == 422 and says in found.text and not accounts.exist()


def test_a_name_of_ten_megabytes_is_not_read(accounts: Accounts, handle: FakeHandle) -> None:
    member(accounts, Role.OWNER)
    found = client(accounts).post("/signin", data={"name": "n" * 10_000_000, "password": "x"})
    assert found.status_code == 413


def test_markup_in_a_name_is_text(accounts: Accounts, handle: FakeHandle) -> None:
    member(accounts, Role.OWNER)
    found = client(accounts).post("/signin", data={"name": '"><script>alert(1)</script>', "password": "x"})
    assert found.status_code == 401 and "<script>" not in found.text


# Too many wrong passwords


def test_whoever_guesses_waits_and_the_family_does_not(
    accounts: Accounts, handle: FakeHandle, clock: WallClock
) -> None:
    member(accounts, Role.OWNER)
    accounts.sign_in("Olga", PASSWORD, "192.168.1.5", "her phone")
    for place in range(30):
        with pytest.raises(AccountError):
            accounts.sign_in("Olga", "wrong", f"10.0.0.{place}", "")
    with pytest.raises(AccountError, match="Too many"):
        accounts.sign_in("Olga", PASSWORD, "10.0.0.99", "")
    assert accounts.sign_in("Olga", PASSWORD, "192.168.1.5", "her phone")
    clock.later(seconds=int(LONGEST_WAIT_S) + 1)
    assert accounts.sign_in("Olga", PASSWORD, "10.0.0.99", "")


def test_a_device_that_mistypes_waits_seconds(
    accounts: Accounts, handle: FakeHandle, clock: WallClock
) -> None:
    member(accounts, Role.OWNER)
    browser = client(accounts)
    answers = [browser.post("/signin", data={"name": "Olga", "password": "no"}).status_code for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2
    clock.later(seconds=int(LONGEST_WAIT_S) + 1)
    assert browser.post("/signin", data={"name": "Olga", "password": PASSWORD}).status_code == 303


# Members


def test_the_last_owner_stays(accounts: Accounts) -> None:
    accounts.create_owner("Olga", PASSWORD, "test")
    (olga,) = accounts.members()
    by = Account(olga.id, "Olga", Role.OWNER)
    for role in (Role.GUARDIAN, Role.VIEWER):
        with pytest.raises(AccountError, match="last owner"):
            accounts.change(by, olga.id, role, "", "test")
    with pytest.raises(AccountError, match="last owner"):
        accounts.remove(by, olga.id, "test")
    assert accounts.members() == (olga,)


def test_another_password_signs_every_device_out(accounts: Accounts) -> None:
    accounts.create_owner("Olga", PASSWORD, "test")
    token = accounts.sign_in("olga", PASSWORD, "1.2.3.4", "")
    assert accounts.session(token) is not None
    accounts.reset("OLGA", "four very quiet words", "the machine")
    assert accounts.session(token) is None
    with pytest.raises(AccountError):
        accounts.sign_in("Olga", PASSWORD, "1.2.3.4", "")


def test_an_invitation_works_once_and_not_for_ever(accounts: Accounts, clock: WallClock) -> None:
    accounts.create_owner("Olga", PASSWORD, "test")
    by = Account("x", "Olga", Role.OWNER)
    code = accounts.invite(by, "Gus", Role.GUARDIAN, "", "test")
    assert accounts.accept(code, PASSWORD, "1.2.3.4", "")
    with pytest.raises(AccountError, match="over or was used"):
        accounts.accept(code, PASSWORD, "1.2.3.4", "")
    late = accounts.invite(by, "Vera", Role.VIEWER, "", "test")
    clock.later(days=4)
    with pytest.raises(AccountError):
        accounts.accept(late, PASSWORD, "1.2.3.4", "")


def test_metrics_are_this_machines_and_healthz_everybodys(
    accounts: Accounts, handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(accounts, Role.OWNER)
    monkeypatch.setenv("POOLWATCH_METRICS_TOKEN", "secret")
    assert client(accounts).get("/metrics").status_code == 401
    right, wrong = ({"authorization": f"Bearer {token}"} for token in ("secret", "other"))
    assert client(accounts).get("/metrics", headers=right).status_code == 200
    assert client(accounts).get("/metrics", headers=wrong).status_code == 401
    assert client(accounts, HERE, "http://localhost").get("/metrics").status_code == 200
    assert client(accounts).get("/healthz").status_code in (200, 503)
