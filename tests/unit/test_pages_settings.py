"""The page Settings over real commands, a running judge and a real database."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.monitor.owned import GROUPS, OWNED, spec_of
from tests.unit.people_stage import JudgedHandle, form, opened, press, words
from tests.unit.test_pages_replay import clips

__all__ = ["clips"]

LIMIT, LIMIT_LABEL = "rules.submersion_limit_s", "Longest time under water (s)"
ALL_THE_SAME = "Change it all the same"


def number(app: AppTest, label: str) -> float | None:
    found: float | None = next(f for f in app.number_input if f.label == label).value
    return found


def typed(app: AppTest, label: str, value: float | None) -> AppTest:
    return next(f for f in app.number_input if f.label == label).set_value(value).run()


def save(app: AppTest, group: str = GROUPS[0]) -> AppTest:
    return press(app, "Save", GROUPS.index(group))


def limit(handle: JudgedHandle) -> float:
    return handle.life.judging.settings.rules.submersion_limit_s


def test_every_setting_stands_there_with_unit_default_source_and_sentence(handle: JudgedHandle) -> None:
    app = opened("settings")
    assert not app.exception
    shown = words(app)
    assert [g for g in GROUPS if g in shown] == list(GROUPS)
    labels = [f.label for f in (*app.number_input, *app.checkbox)]
    assert len(labels) == len(OWNED)
    for key, one in OWNED.items():
        spec = spec_of(key)
        assert (f"{one.label} ({spec.unit})" if spec.unit else one.label) in labels
        assert one.says in shown and spec.source in shown
    assert "Default 10 s: lifeguards' 10/20 rule. From 5 to 30 s." in shown
    assert "Changed" not in shown and "Back to default" not in [b.label for b in app.button]


def test_a_safer_value_is_saved_under_the_accounts_name_and_can_go_back(handle: JudgedHandle) -> None:
    app = save(typed(opened("settings"), LIMIT_LABEL, 7))
    assert ALL_THE_SAME not in [b.label for b in app.button]
    assert limit(handle) == 7 and "Saved." in words(app) and "Changed" in words(app)
    assert number(app, LIMIT_LABEL) == 7
    app = press(app, "Back to default")
    assert limit(handle) == 10 and number(app, LIMIT_LABEL) == 10 and "Changed" not in words(app)
    handle.written()
    assert [(r.who, r.detail["was"], r.detail["now"]) for r in handle.store.audit(5)] == [
        ("Test", 7, 10),
        ("Test", 10, 7),
    ]


def test_a_dangerous_value_asks_twice_and_wants_the_pin(handle: JudgedHandle) -> None:
    handle.request("pin.set", new="2468", who="Anna")
    app = save(typed(opened("settings"), LIMIT_LABEL, 25))
    assert "A head may be under water 25 s before the siren starts." in words(app)
    assert "Nothing is stored that this could be compared with." in words(app)
    assert limit(handle) == 10
    app = form(app, ALL_THE_SAME, PIN="1111")
    assert "The PIN is not right." in words(app) and limit(handle) == 10
    app = form(app, ALL_THE_SAME, PIN="2468")
    assert limit(handle) == 25 and ALL_THE_SAME not in [b.label for b in app.button]
    assert "2468" not in words(app)


def test_a_dangerous_value_is_tried_on_the_last_clips(
    handle: JudgedHandle, clips: list[dict[str, Any]]
) -> None:
    clips.append({**clips[0], "id": "0" * 31 + "b", "kind": "animal"})
    app = save(typed(opened("settings"), LIMIT_LABEL, 25))
    shown = words(app)
    assert not app.exception
    assert "The last clip was judged again, back to Fri" in shown
    assert "1 alarm not before the clip ends, 1 alarm later, by up to 7.5 s." in shown
    assert "1 more could not be read." in shown and "ends 10 s after" in shown
    app = save(typed(press(app, "Leave it as it is"), LIMIT_LABEL, 12))
    assert "Of the 2 alarms in them: 2 alarms later, by up to 2.0 s." in words(app)
    clips.clear()
    app = save(typed(press(app, "Leave it as it is"), LIMIT_LABEL, 14))
    assert not app.exception and "There is no stored clip that could be judged again." in words(app)
    assert ALL_THE_SAME in [b.label for b in app.button]


def test_it_can_be_left_as_it_is(handle: JudgedHandle) -> None:
    app = press(save(typed(opened("settings"), LIMIT_LABEL, 25)), "Leave it as it is")
    assert limit(handle) == 10 and "before the siren starts" not in " ".join(w.value for w in app.warning)


def test_a_wrong_value_is_told_at_its_field_and_nothing_of_the_group_is_saved(handle: JudgedHandle) -> None:
    app = typed(opened("settings"), LIMIT_LABEL, 31)
    app = save(typed(app, "Floating without moving: warning (s)", 8))
    assert "Not saved. 31 is out of range: 5 to 30 s." in words(app).replace("*", "")
    assert handle.life.judging.settings.rules.still_s == 10 and limit(handle) == 10
    app = save(typed(app, LIMIT_LABEL, 30))
    assert "Not saved" not in words(app)
    assert "Nothing was changed here." in words(save(opened("settings"), GROUPS[3]))


def test_a_kept_value_that_cannot_be_is_told(handle: JudgedHandle) -> None:
    handle.store.choose({"settings": {LIMIT: 300, "<img>": 1}}, handle.life.clock.utc())
    app = opened("settings")
    assert "300 is out of range" in words(app) and "the default counts" in words(app)
    assert "<img>" in words(app) and not app.exception


def test_without_a_monitor_the_page_says_so(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("settings")
    assert "The monitor is not running." in words(app) and not app.number_input
