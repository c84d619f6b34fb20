"""Members: who may come in, and what each may do."""

from pathlib import Path

import streamlit as st

from dashboard.accounts.members import AccountError, Member
from dashboard.accounts.roles import Right, Role
from dashboard.oidc.config import Config
from dashboard.store import StoreError
from dashboard.web import service
from dashboard.web.signin import link_of
from dashboard.web.text import as_markdown

CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
LINK, NOTICE = "members.link", "members.notice"
WHERE = "the page Members"
ROLES = {
    Role.OWNER: "Owner: everything",
    Role.GUARDIAN: "Guardian: sees skeletons, answers alarms, changes the mode",
    Role.VIEWER: "Viewer: sees skeletons, hears alarms",
}


def base() -> str:
    """Where this browser has found us, for the link in an invitation."""
    host = st.context.headers.get("Host", "localhost:8501")
    return f"{'https' if (st.context.url or '').startswith('https:') else 'http'}://{host}"


def refused(error: Exception) -> None:
    st.error(str(error), icon=":material/error:")


def own_account() -> None:
    st.markdown(f"You are signed in as **{as_markdown(account.name)}** ({account.role.value}).")
    st.markdown("[Your password and devices, sign out](/account)")


def shown_link() -> None:
    if (link := st.session_state.get(LINK)) is None:
        return
    name, address = link
    with st.container(border=True):
        st.markdown(f"Send this link to **{as_markdown(name)}**. It works once, for three days.")
        st.code(address, language=None, wrap_lines=True)
        if st.button("Done"):
            del st.session_state[LINK]
            st.rerun()


def email_field(value: str) -> str:
    hint = (
        f"By it {' and '.join(labels)} may let this member in."
        if (labels := [one.label for one in config.providers])
        else "By it a provider may let this member in, once one is configured (README)."
    )
    return st.text_input("E-mail (can stay empty)", value, max_chars=200, help=hint)


def provider_troubles() -> None:
    if config.troubles:
        told = "\n".join(f"- {as_markdown(sentence, 300)}" for sentence in config.troubles)
        st.warning(
            f"Signing in through a provider is not right:\n\n{told}\n\nMeanwhile passwords work as ever.",
            icon=":material/key_off:",
        )


def invite() -> None:
    with st.form("invite", clear_on_submit=True):
        st.subheader("Invite somebody", anchor=False)
        name = st.text_input("Name", max_chars=60)
        role = st.radio("Role", list(ROLES), format_func=ROLES.__getitem__, index=1)
        email = email_field("")
        if not st.form_submit_button("Make the invitation", type="primary"):
            return
    try:
        code = accounts.invite(account, name, Role(role), email, WHERE)
    except (AccountError, StoreError) as error:
        refused(error)
        return
    st.session_state[LINK] = (name, link_of(base(), code))
    st.rerun()


def member_card(member: Member) -> None:
    with st.container(border=True, key=f"pw-member-{member.id}"):
        you = " (you)" if member.id == account.id else ""
        waiting = "" if member.joined else ", invited, no password yet"
        reached = f", {as_markdown(member.email, 200)}" if member.email else ""
        st.markdown(f"**{as_markdown(member.name)}**{you}: {member.role.value}{waiting}{reached}")
        with st.expander("Change"):
            changes(member)


def changes(member: Member) -> None:
    roles = list(ROLES)
    place = roles.index(member.role) if member.role in roles else 2
    with st.form(f"change-{member.id}"):
        role = st.radio("Role", roles, format_func=ROLES.__getitem__, index=place)
        email = email_field(member.email)
        saved = st.form_submit_button("Save")
    again, remove = st.columns(2)
    sure = remove.checkbox("Yes, remove", key=f"sure-{member.id}")
    try:
        if saved:
            accounts.change(account, member.id, Role(role), email, WHERE)
        elif again.button("New link for a password", key=f"again-{member.id}", width="stretch"):
            code = accounts.invite_again(account, member.id, WHERE)
            st.session_state[LINK] = (member.name, link_of(base(), code))
        elif remove.button("Remove", key=f"remove-{member.id}", width="stretch", disabled=not sure):
            accounts.remove(account, member.id, WHERE)
        else:
            return
    except (AccountError, StoreError) as error:
        refused(error)
        return
    st.rerun()


def page() -> None:
    st.title("Members", anchor=False)
    own_account()
    if not account.may(Right.OWN) or accounts is None:
        return
    # The members below keep their place while these come and go.
    with st.container():
        provider_troubles()
        shown_link()
    try:
        members = accounts.members()
    except StoreError as trouble:
        refused(trouble)
        return
    for one in members:
        member_card(one)
    invite()


account = service.account()
accounts = service.current().accounts
desk = service.current().oidc
config = desk.config() if desk is not None else Config()
st.html(CSS)
with st.container(key="pw-page"):
    page()
