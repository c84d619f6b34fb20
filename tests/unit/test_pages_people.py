"""The page People: contacts and the PIN, over real commands and a real database."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.monitor.pin import fits
from tests.unit.people_stage import JudgedHandle, fill, form, opened, press, words

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
TELEGRAM = f"tgram://{TOKEN}/42/"


def added(handle: JudgedHandle, name: str, *urls: str) -> str:
    return str(handle.request("contacts.add", name=name, urls=list(urls)).result["id"])


def choose(app: AppTest, service_: str) -> AppTest:
    return next(s for s in app.selectbox if s.label == "Reach them by").select(service_).run()


def urls(handle: JudgedHandle) -> list[tuple[str, tuple[str, ...]]]:
    return [(contact.name, contact.urls) for contact in handle.store.contacts()]


def test_without_contacts_it_says_what_that_means(handle: JudgedHandle) -> None:
    app = opened("people")
    assert "Nobody is called now" in words(app) and "out of earshot" in words(app)
    assert not app.exception


def test_without_a_monitor_it_says_so(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("people")
    assert "The monitor is not running" in words(app) and "Nobody is called" not in words(app)
    assert not app.exception


def test_an_address_is_written_by_its_few_fields(handle: JudgedHandle) -> None:
    app = press(opened("people"), "Add a contact")
    app = fill(app, "Name", "Anna")
    app = press(fill(app, "Topic", "our pool"), "Add contact")
    assert "no blanks" in words(app) and urls(handle) == []
    app = press(fill(app, "Topic", "our-pool-7f3k"), "Add contact")
    assert urls(handle) == [("Anna", ("ntfys://our-pool-7f3k?priority=max",))]
    assert "Reached by ntfy" in words(app) and "our-pool-7f3k" not in words(app)
    assert "add.urls" not in app.session_state and "add.1.ntfy.topic" not in app.session_state
    assert "within **30 s**, a message goes to Anna" in words(app)
    assert not app.exception


def test_several_addresses_and_one_name(handle: JudgedHandle) -> None:
    app = fill(press(opened("people"), "Add a contact"), "Name", "Anna")
    app = choose(app, "telegram")
    app = fill(fill(app, "Token of the bot", TOKEN), "Your number or your group's", "42")
    app = press(app, "Add another address")
    assert TOKEN not in words(app) and "Telegram, kept" in words(app)
    app = press(fill(choose(app, "ntfy"), "Topic", "pool"), "Add contact")
    assert urls(handle) == [("Anna", (TELEGRAM, "ntfys://pool?priority=max"))]
    assert "Reached by Telegram and ntfy" in words(app)


def test_what_apprise_refuses_is_said_exactly_and_not_repeated(handle: JudgedHandle) -> None:
    app = choose(fill(press(opened("people"), "Add a contact"), "Name", "Tom"), "other")
    app = press(fill(app, "Apprise address", "pover://geheim123"), "Add contact")
    assert "An invalid Pushover User Key" in words(app)
    assert "geheim123" not in words(app) and urls(handle) == []


def test_editing_keeps_what_was_not_typed_again(handle: JudgedHandle) -> None:
    added(handle, "Anna", TELEGRAM, "json://127.0.0.1:9/a")
    app = press(opened("people"), "Edit")
    assert TOKEN not in words(app)
    app = press(fill(app, "Name", "Anne"), "Save")
    assert urls(handle) == [("Anne", (TELEGRAM, "json://127.0.0.1:9/a"))]
    app = press(press(opened("people"), "Edit"), "Remove", place=1)
    app = press(app, "Save")
    assert urls(handle) == [("Anne", (TELEGRAM,))]
    assert not app.exception


def test_the_order_is_changed_by_buttons(handle: JudgedHandle) -> None:
    for name in ("Anna", "Tom", "Lisa"):
        added(handle, name, "json://h")
    app = opened("people")
    assert [b.disabled for b in app.button if b.label == "Up"] == [True, False, False]
    assert [b.disabled for b in app.button if b.label == "Down"] == [False, False, True]
    app = press(app, "Up", place=2)
    assert [s.value for s in app.subheader][:3] == ["1\\. Anna", "2\\. Lisa", "3\\. Tom"]
    assert [name for name, _ in urls(handle)] == ["Anna", "Lisa", "Tom"]


def test_who_is_switched_off_is_not_called(handle: JudgedHandle) -> None:
    added(handle, "Anna", "json://h")
    app = press(opened("people"), "Switch off")
    assert "Nobody is called now" not in words(app)
    assert [b.label for b in app.button][-2:] == ["Switch it off", "Keep it on"]
    (contact,) = handle.store.contacts()
    handle.request("contacts.edit", id=contact.id, enabled=False)
    app = opened("people")
    assert "gets no messages" in words(app) and "Nobody is called now" in words(app)
    app = press(app, "Switch on")
    assert "a message goes to Anna" in words(app)


def test_removing_asks_first(handle: JudgedHandle) -> None:
    added(handle, "Anna", "json://h")
    app = press(opened("people"), "Remove")
    assert len(handle.store.contacts()) == 1 and "addresses are forgotten" in words(app)
    assert [b.label for b in app.button][-2:] == ["Remove it", "Keep it"]
    assert not app.exception


def test_a_test_message_tells_what_became_of_it_by_address(handle: JudgedHandle) -> None:
    added(handle, "Anna", TELEGRAM, "json://127.0.0.1:9/a")
    app = press(opened("people"), "Send a test message")
    assert [i.value for i in app.info] == ["Telegram: on its way", "JSON: on its way"]
    first, second = sorted(row.id for row in handle.store.deliveries_of(None))
    handle.store.delivery_tried(first, True, "", None)
    handle.store.delivery_tried(second, False, "JSON <b>refuses</b>", handle.life.clock.utc())
    app = app.run()
    assert "Telegram: sent" in words(app) and "it is tried again" in words(app)
    handle.store.delivery_tried(second, False, "JSON refuses", None)
    app = app.run()
    assert "JSON: not sent: JSON refuses" in words(app)
    assert not app.exception


def test_a_pin_is_set_and_changed(handle: JudgedHandle) -> None:
    app = opened("people")
    assert "the watch cannot be paused" in words(app)
    app = form(app, "Set the PIN", New_PIN="2468", New_PIN_once_more="2469")
    assert "not the same" in words(app) and "pin" not in handle.store.choices()
    app = form(app, "Set the PIN", New_PIN="2468", New_PIN_once_more="2468")
    assert fits("2468", handle.store.choices()["pin"])
    new = {"New_PIN": "9999", "New_PIN_once_more": "9999"}
    app = form(opened("people"), "Change the PIN", PIN_until_now="1111", **new)
    assert "The PIN is not right." in words(app) and fits("2468", handle.store.choices()["pin"])
    app = form(app, "Change the PIN", PIN_until_now="2468", **new)
    assert "The new PIN holds" in words(app) and fits("9999", handle.store.choices()["pin"])
    assert "9999" not in words(app)


HOSTILE = [
    pytest.param("x" * 10_000, "10000 characters; at most 60", id="long"),
    pytest.param("  ", "Give the contact a name", id="blank"),
    pytest.param("\u202e\u200f", "Give the contact a name", id="only turning marks"),
    pytest.param("ANNA", "Another contact has this name", id="taken"),
]


@pytest.mark.parametrize(("name", "why"), HOSTILE)
def test_names_that_cannot_be_are_refused_in_a_sentence(handle: JudgedHandle, name: str, why: str) -> None:
    added(handle, "Anna", "json://h")
    app = fill(press(opened("people"), "Add a contact"), "Name", name)
    app = press(fill(app, "Topic", "pool"), "Add contact")
    assert why in words(app) and len(handle.store.contacts()) == 1
    # The address was right and need not be typed again.
    assert "ntfy, kept" in words(app)


def test_html_and_line_breaks_in_a_name_are_shown_as_text(handle: JudgedHandle) -> None:
    app = fill(press(opened("people"), "Add a contact"), "Name", "<img src=x>\n\x00**Anna**")
    press(fill(app, "Topic", "pool"), "Add contact")
    app = opened("people")
    assert next(s.value for s in app.subheader) == "1\\. \\<img src\\=x\\> \\*\\*Anna\\*\\*"
    assert not app.exception


def test_a_thousand_contacts_end_with_a_sentence(handle: JudgedHandle) -> None:
    for number in range(50):
        added(handle, f"Contact {number}", "json://h")
    app = fill(press(opened("people"), "Add a contact"), "Name", "One more")
    app = press(fill(app, "Topic", "pool"), "Add contact")
    assert "There are 50 contacts already" in words(app)
    assert len(handle.store.contacts()) == 50
    assert not app.exception


def test_who_gets_the_report_of_the_night_is_switched_on_for_each(handle: JudgedHandle) -> None:
    added(handle, "Anna", "json://h")
    app = opened("people")
    assert [one.report for one in handle.store.contacts()] == [False]
    app = app.toggle[0].set_value(True).run()
    assert not app.exception and [one.report for one in handle.store.contacts()] == [True]
    assert app.toggle[0].value is True
    (contact,) = handle.store.contacts()
    handle.request("contacts.edit", id=contact.id, enabled=False)
    assert opened("people").toggle[0].disabled
