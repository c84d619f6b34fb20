"""The sentence that is read from two metres."""

from __future__ import annotations

import pytest

from dashboard.web.summary import CameraReport, people_in_view, summarise


def live(name: str = "Pool", people: int | None = 0, unseen: int = 0, age_s: float = 0.1) -> CameraReport:
    return CameraReport(name, "live", people, unseen, age_s)


def blind(name: str, age_s: float | None = 60.0) -> CameraReport:
    return CameraReport(name, "blind", None, 0, age_s)


SENTENCES = [
    pytest.param([], "No camera is switched on", "care", id="no camera"),
    pytest.param([live()], "Nobody in view", "calm", id="empty pool"),
    pytest.param([live(people=1)], "1 person in view", "calm", id="one"),
    pytest.param([live(people=2)], "2 people in view", "calm", id="two"),
    pytest.param(
        [live(people=2), live("Gate", 0)], "2 people in view", "calm", id="only one camera sees people"
    ),
    pytest.param([live(people=2), live("Gate", 1)], "At least 2 people in view", "calm", id="maybe the same"),
    pytest.param([live(), blind("Gate")], "Camera Gate does not answer", "danger", id="one is silent"),
    pytest.param(
        [live(), blind("Gate"), blind("Deck")], "2 of 3 cameras do not answer", "danger", id="two are silent"
    ),
    pytest.param([blind("Gate"), blind("Deck")], "No camera answers", "danger", id="all are silent"),
    pytest.param([live(people=3, age_s=2.5)], "Camera Pool does not answer", "danger", id="old is not live"),
    pytest.param([CameraReport("Pool", "starting")], "Camera Pool is starting", "care", id="starting"),
    pytest.param(
        [CameraReport("Pool", "starting"), CameraReport("Gate", "starting")],
        "The cameras are starting",
        "care",
        id="all are starting",
    ),
    pytest.param(
        [CameraReport("Pool", "starting"), blind("Gate")],
        "Camera Gate does not answer",
        "danger",
        id="silent is worse than starting",
    ),
]


@pytest.mark.parametrize(("cameras", "sentence", "tone"), SENTENCES)
def test_sentence(cameras: list[CameraReport], sentence: str, tone: str) -> None:
    said = summarise(cameras, monitor=True)
    assert (said.sentence, said.tone) == (sentence, tone)


def test_without_a_monitor_nothing_else_is_said() -> None:
    said = summarise([live(people=2)], monitor=False)
    assert said.sentence == "The monitor does not answer"
    assert said.tone == "danger"


def test_never_says_that_all_is_well() -> None:
    for cameras in ([], [live()], [live(people=2)]):
        said = summarise(cameras, monitor=True)
        assert "well" not in f"{said.sentence} {said.detail}".lower()


def test_detail_tells_the_cameras_apart_and_who_was_lost() -> None:
    said = summarise([live("Pool", 2, unseen=1), live("Gate", 1)], monitor=True)
    assert said.detail == "Pool 2, Gate 1; 1 lost from sight"


def test_detail_of_a_silent_camera_tells_what_the_others_see() -> None:
    said = summarise([live("Pool", 2), blind("Gate")], monitor=True)
    assert said.detail == "The other camera: 2 people in view."
    assert summarise([blind("Gate")], monitor=True).detail == "Nobody can tell who is here."


PEOPLE = [
    pytest.param([], (0, 0), id="empty"),
    pytest.param(None, (None, 0), id="nobody can tell"),
    pytest.param([{"state": "confirmed", "seen_t": 10.0}], (1, 0), id="seen now"),
    pytest.param([{"state": "confirmed", "seen_t": 8.0}], (0, 1), id="not seen for two seconds"),
    pytest.param([{"state": "lost", "seen_t": 9.0}], (1, 0), id="missed once is no disappearance"),
    pytest.param([{"state": "lost", "seen_t": 8.0}], (0, 1), id="lost"),
    pytest.param([{"state": "confirmed"}], (0, 1), id="no time known"),
]


@pytest.mark.parametrize(("people", "counts"), PEOPLE)
def test_who_counts_as_in_view(
    people: list[dict[str, object]] | None, counts: tuple[int | None, int]
) -> None:
    assert people_in_view(people, t=10.0) == counts
