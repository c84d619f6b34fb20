"""The forms of signing in, as HTML. All that people have typed is escaped. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dashboard.accounts.passwords import SHORTEST
from dashboard.accounts.roles import Account
from dashboard.store import SessionRow

_GO_ON = '<p><a class="go" href="/">Go on</a></p>'
_HINT = f"{SHORTEST} characters or more. Three words make a good one."
SEAL_STAYS = (
    "The passphrase of the sealed video stays as it is, even where it was the same as your password: "
    "change it on the page People, under Sealed video."
)
ROLES = {
    "owner": "You own this Poolwatch: you may do everything.",
    "guardian": "You see the skeletons, answer alarms and change the mode.",
    "viewer": "You see the skeletons and hear alarms.",
}


def text(value: str) -> str:
    return escape(value)


def sign_in(name: str, there: str, error: str, providers: Sequence[tuple[str, str]] = ()) -> str:
    """`providers`: label and address of each by which one may sign in too."""
    first, second = ("", " autofocus") if name else (" autofocus", "")
    return (
        "<h1>Sign in</h1>"
        "<p>This device shows and sounds no alarm before.</p>"
        f"{_wrong(error)}"
        '<form method="post" action="/signin">'
        f"{_hidden('next', there)}"
        f"{_field('Name', 'name', 'text', 'username', name, extra=first)}"
        f"{_field('Password', 'password', 'password', 'current-password', extra=second)}"
        '<button type="submit">Sign in</button></form>'
        f"{_providers(providers)}"
        "<details><summary>Forgot the password?</summary>"
        "<p>The owner makes a new link for you on the page Members. On the machine that Poolwatch runs on, "
        "this sets a new password:</p>"
        "<pre>.venv/bin/python -m dashboard account reset NAME</pre></details>"
    )


def _providers(providers: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<a class="go plain" href="{escape(address)}">Sign in with {escape(label)}</a>'
        for label, address in providers
    )
    return f'<nav aria-label="Other ways to sign in">{links}</nav>' if links else ""


def first_visit(typed: Mapping[str, str], error: str, has_pin: bool, has_seal: bool) -> str:
    """`has_pin`, `has_seal`: there is a PIN, a sealed video's passphrase, from before there were accounts."""
    name = typed.get("name", "")
    pin = (
        ""
        if has_pin
        else _field(
            "PIN (can wait)",
            "pin",
            "password",
            "off",
            hint="4 to 12 digits that children do not know. Without it nobody pauses the watch.",
            extra=' inputmode="numeric" maxlength="12" pattern="[0-9]{4,12}"',
            needed=False,
        )
    )
    return (
        "<h1>Make your account</h1>"
        "<p>Poolwatch belongs to whoever makes the first account. Others are invited from inside.</p>"
        f"{_wrong(error)}"
        '<form method="post" action="/signin">'
        f"{_hidden('act', 'first')}"
        f"{_field('Your name', 'name', 'text', 'username', name, extra=' autofocus maxlength=60')}"
        f"{_new_passwords()}{pin}{'' if has_seal else _sealing(bool(typed.get('seal')))}"
        '<button type="submit">Begin</button></form>'
        "<p>Until then only this machine can open Poolwatch; afterwards every device in your network "
        "can ask to come in.</p>"
    )


def invitation(name: str, code: str, error: str) -> str:
    return (
        f"<h1>Welcome, {escape(name)}</h1>"
        "<p>Choose a password. Devices that are signed in with an older one are signed out.</p>"
        f"{_wrong(error)}"
        '<form method="post" action="/signin">'
        f"{_hidden('act', 'invitation')}{_hidden('invitation', code)}"
        f"{_username(name)}"
        f"{_new_passwords()}"
        '<button type="submit">Go in</button></form>'
    )


def made(missing: Sequence[str]) -> str:
    """The account is there, something beside it is not."""
    told = "".join(f"<li>{escape(why)}</li>" for why in missing)
    return (
        f'<h1>Your account is made</h1><ul class="wrong">{told}</ul><p><a class="go" href="/">Go on</a></p>'
    )


def changed(owns: bool) -> str:
    """`owns`: for an owner, who knows the passphrase of sealed video."""
    sealed = f"<p>{SEAL_STAYS}</p>" if owns else ""
    return (
        f"<h1>Your password is changed</h1><p>Every other device of yours is signed out.</p>{sealed}{_GO_ON}"
    )


def account(who: Account, devices: Sequence[SessionRow], error: str, done: str) -> str:
    rows = "".join(_device(one, one.id == who.session) for one in devices)
    return (
        f"<h1>{escape(who.name)}</h1><p>{ROLES.get(who.role.value, '')}</p>"
        f"{_wrong(error)}{f'<p>{escape(done)}</p>' if done else ''}"
        f'<h2>Signed in on</h2><ul class="devices">{rows}</ul>'
        '<form method="post" action="/signout"><button type="submit">Sign out here</button></form>'
        "<details><summary>Sign out everywhere</summary><p>Every phone and laptop of yours, this one too, "
        "hears no alarm until you sign in there again.</p>"
        '<form method="post" action="/account">'
        f"{_hidden('act', 'everywhere')}"
        '<button class="plain" type="submit">Yes, sign out everywhere</button></form></details>'
        '<h2>Another password</h2><form method="post" action="/account">'
        f"{_username(who.name)}"
        f"{_field('Present password', 'old', 'password', 'current-password')}"
        f"{_new_passwords('New password')}"
        '<button type="submit">Change it</button></form>'
        '<p><a href="/">Back to Poolwatch</a></p>'
    )


def _sealing(wished: bool) -> str:
    return (
        '<label class="tick"><input type="checkbox" name="seal" value="1" aria-describedby="seal-hint"'
        f"{' checked' if wished else ''}> The same password also seals recorded real pictures</label>"
        '<small id="seal-hint">Clips show skeletons. With this the real picture is kept beside them, '
        "encrypted: nobody opens it without the password, and nobody can help who forgets it.</small>"
    )


def _device(row: SessionRow, here: bool) -> str:
    seen = "this device" if here else f"last seen {row.seen_at:%d %B %Y}"
    return f"<li><b>{escape(row.device)}</b> at {escape(row.origin)}, {seen}</li>"


def _new_passwords(label: str = "Password") -> str:
    extra = f' minlength="{SHORTEST}" maxlength="200"'
    return _field(label, "password", "password", "new-password", hint=_HINT, extra=extra) + _field(
        "The same again", "again", "password", "new-password", extra=extra
    )


def _field(
    label: str,
    name: str,
    kind: str,
    autocomplete: str,
    value: str = "",
    hint: str = "",
    extra: str = "",
    needed: bool = True,
) -> str:
    hinted = f' aria-describedby="{name}-hint"' if hint else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}"'
        f' value="{escape(value)}"'
        f"{' required' if needed else ''}{hinted}{extra}>"
        + (f'<small id="{name}-hint">{escape(hint)}</small>' if hint else "")
    )


def _username(name: str) -> str:
    """So that a password manager knows whose password it keeps."""
    return f'<input type="text" name="name" value="{escape(name)}" autocomplete="username" readonly hidden>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _wrong(error: str) -> str:
    return f'<p class="wrong" role="alert">{escape(error)}</p>' if error else ""
