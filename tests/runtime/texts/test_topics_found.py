"""Topics are found by what the user says, and small talk finds none."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from postcall.runtime.projects.model import Topic
from postcall.runtime.texts.topics import TopicIndex

TOPICS = (
    Topic("Opening hours", "Open from seven to six, closed on Monday.", "", ("When are you open?", "Opening times")),
    Topic("Allergies", "Every bread may contain nuts.", "", ("I am allergic to nuts", "Is there gluten in the rolls?")),
    Topic("Delivery", "We deliver within five miles.", "", ("Do you deliver?", "Can you bring it to my house?")),
    Topic("Cakes", "Wedding cakes take two weeks.", "", ("I need a birthday cake", "Do you make wedding cakes?")),
    Topic("Parking", "Behind the church.", "", ("Where can I park my car?",)),
    Topic("Complaints", "", "", ("The bread was stale", "I want to complain")),
    Topic("Old prices", "A roll is one dollar.", "", ("How much is a roll?",), enabled=False),
    Topic("Beach stall", "On the beach in summer.", "", ("Are you at the beach?",), variant="South"),
)
INDEX = TopicIndex(TOPICS)


def found(
    text: str, *, earlier: tuple[str, ...] = (), disabled: tuple[str, ...] = (), variant: str | None = None
) -> list[str]:
    return [hit.topic.name for hit in INDEX.find(text, earlier=earlier, disabled=disabled, variant=variant)]


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("when do you open on saturday", "Opening hours"),
        ("my daughter has a nut allergy", "Allergies"),
        ("could you deliver twenty rolls", "Delivery"),
        ("I'd like to order a cake for a wedding", "Cakes"),
        ("is there parking", "Parking"),
        ("I have a complaint about stale bread", "Complaints"),
        ("I need a birthdey cake", "Cakes"),
        ("hi good morning I am calling because my wife told me yesterday that maybe you could deliver", "Delivery"),
    ],
)
def test_a_question_finds_its_topic_in_other_words(said: str, topic: str) -> None:
    assert found(said)[:1] == [topic]


@pytest.mark.parametrize(
    "said", ["yes please", "no thank you", "my name is Jennifer", "five five five oh one two three", "", "?!", "what?"]
)
def test_small_talk_finds_nothing(said: str) -> None:
    assert found(said) == []


def test_an_example_query_word_for_word_is_certain() -> None:
    (hit, *_) = INDEX.find("Do you make wedding cakes?")
    assert hit.topic.name == "Cakes"
    assert hit.score > 0.95


def test_scores_fall_and_stay_within_their_bounds() -> None:
    hits = INDEX.find("do you deliver wedding cakes when you are open", threshold=0.0, top_k=3)
    assert len(hits) == 3
    assert all(0 < hit.score <= 1 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_topics_that_are_off_disabled_or_anothers_are_never_found() -> None:
    assert "Old prices" not in found("How much is a roll?")
    assert found("Where can I park my car?", disabled=("Parking",)) == []
    assert found("Are you at the beach?", variant="North") == []
    assert found("Are you at the beach?", variant="South") == ["Beach stall"]


def test_an_earlier_question_helps_but_is_not_found_again() -> None:
    assert found("yes", earlier=("Do you deliver?",)) == []
    alone, helped = (
        {hit.topic.name: hit.score for hit in INDEX.find("and on Monday?", earlier=earlier, threshold=0.0)}
        for earlier in ((), ("When are you open?",))
    )
    assert helped["Opening hours"] > alone["Opening hours"]


def test_languages_without_spaces_and_with_accents_are_compared() -> None:
    index = TopicIndex(
        (
            Topic("Öffnungszeiten", "", "", ("Wann habt ihr geöffnet?",)),
            Topic("Lieferung", "", "", ("Liefern Sie nach Hause?",)),
            Topic("営業時間", "", "", ("営業時間を教えてください",)),
        )
    )
    assert [hit.topic.name for hit in index.find("wann habt ihr GEOFFNET")] == ["Öffnungszeiten"]
    assert [hit.topic.name for hit in index.find("営業時間は")] == ["営業時間"]


def test_a_project_without_topics_finds_nothing() -> None:
    assert TopicIndex(()).find("anything") == []
    assert TopicIndex((Topic("", "", "", ()),)).find("anything", threshold=0.0) == []


def test_fifty_topics_are_searched_in_milliseconds() -> None:
    topics = [
        Topic(
            f"Topic {n}",
            f"Content of thing{n} and matter{n}",
            "",
            tuple(f"Is thing{n} number {k} good?" for k in range(20)),
        )
        for n in range(50)
    ]
    index = TopicIndex(topics)
    index.find("thing7")
    start = time.perf_counter()
    for n in range(20):
        assert index.find(f"I would like to know whether thing{n} is good for me")[0].topic.name == f"Topic {n}"
    assert (time.perf_counter() - start) / 20 < 0.02  # ten times what it takes, for a busy machine


def test_who_has_no_topics_waits_for_no_library() -> None:
    script = "import sys, postcall.runtime.texts.topics; print({'numpy', 'sklearn'} & set(sys.modules) or 'none')"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "none"
