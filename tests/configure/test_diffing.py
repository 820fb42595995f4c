"""Diffs: what is shown leads from one configuration to the other, and nothing is shown where nothing differs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_question

from postcall.configure.diffing import ChangeKind, QuestionPart, apply_diff, diff_configs
from postcall.configure.word_diff import Piece, PieceKind, diff_words
from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.domain.questions import DispositionMetric, QuestionType

# Few names and prompts, so that configurations have much in common.
_questions = st.lists(
    st.builds(
        DispositionMetric,
        identifier=st.sampled_from("abcdefghij"),
        prompt=st.sampled_from(("Was it booked?", "Was it cancelled?")),
        type=st.sampled_from((QuestionType.BOOLEAN, QuestionType.ENUM)),
        choices=st.sampled_from(((), ("yes", "no"), ("no", "yes"))),
    ),
    unique_by=lambda each: each.identifier,
    max_size=10,
).map(tuple)
configs = st.builds(
    VersionConfig,
    questions=_questions,
    summary_prompt=st.sampled_from(("In a line.", "In two lines.")),
    use_reasoning_model=st.booleans(),
    analyser=st.sampled_from((None, *AnalyserChoice)),
    min_confidence=st.sampled_from((None, 0.5)),
    audit_share=st.sampled_from((0.0, 0.02)),
)

BOOKED = a_question("booked")
WHY = a_question("why", "Why did they call?", "ENUM", choices=["pain", "check-up"])
NAME = a_question("name", "Who called?", "STRING")


def asking(*questions: DispositionMetric) -> VersionConfig:
    return VersionConfig(questions=questions)


@given(configs)
def test_a_configuration_does_not_differ_from_itself(config: VersionConfig) -> None:
    assert not diff_configs(config, config)


@given(configs, configs)
def test_a_diff_leads_from_one_to_the_other(before: VersionConfig, after: VersionConfig) -> None:
    diff = diff_configs(before, after)
    assert apply_diff(diff, before) == after
    assert bool(diff) == (before != after)


@given(configs, configs)
def test_looking_from_the_other_side_shows_the_opposite(before: VersionConfig, after: VersionConfig) -> None:
    there = {each.identifier: each for each in diff_configs(before, after).questions}
    back = {each.identifier: each for each in diff_configs(after, before).questions}
    opposite = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    steady = {name for name, each in there.items() if each.kind is not ChangeKind.MOVED}
    assert steady == {name for name, each in back.items() if each.kind is not ChangeKind.MOVED}
    for name in steady:
        assert back[name].kind is opposite.get(there[name].kind, there[name].kind)
        assert (back[name].before, back[name].after) == (there[name].after, there[name].before)


@given(configs, configs, configs)
def test_a_diff_can_be_tried_on_any_configuration(
    before: VersionConfig, after: VersionConfig, other: VersionConfig
) -> None:
    diff = diff_configs(before, after)
    made = {each.identifier: each for each in apply_diff(diff, other).questions}
    assert len(made) == len(apply_diff(diff, other).questions)
    for change in diff.questions:
        if change.kind in {ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.REMOVED}:
            assert made.get(change.identifier) == change.after


def test_a_question_is_said_to_be_added_removed_or_changed_in_its_parts() -> None:
    reworded = replace(WHY, prompt="What did they call for?", choices=("pain", "check-up", "other"))
    diff = diff_configs(asking(BOOKED, WHY), asking(reworded, NAME))
    assert [(each.identifier, each.kind, each.parts) for each in diff.questions] == [
        ("booked", ChangeKind.REMOVED, ()),
        ("why", ChangeKind.CHANGED, (QuestionPart.PROMPT, QuestionPart.CHOICES)),
        ("name", ChangeKind.ADDED, ()),
    ]


def test_taking_one_question_to_the_end_moves_that_one_alone() -> None:
    diff = diff_configs(asking(BOOKED, WHY, NAME), asking(WHY, NAME, BOOKED))
    [moved] = diff.questions
    assert (moved.identifier, moved.kind, moved.place_before, moved.place_after) == ("booked", ChangeKind.MOVED, 0, 2)


def test_a_new_question_in_front_moves_nothing() -> None:
    diff = diff_configs(asking(BOOKED, WHY), asking(NAME, BOOKED, WHY))
    assert [each.identifier for each in diff.questions] == ["name"]


def test_settings_are_named_with_both_values() -> None:
    [change] = diff_configs(VersionConfig(), VersionConfig(analyser=AnalyserChoice.AUTO)).settings
    assert (change.name, change.before, change.after) == ("analyser", None, AnalyserChoice.AUTO)


_texts = st.lists(st.sampled_from(["Was", "it", "booked", "?", " ", "\n", "é", "für"]), max_size=30).map("".join)


@given(st.one_of(_texts, st.text()), st.one_of(_texts, st.text()))
def test_the_pieces_hold_both_texts_whole(before: str, after: str) -> None:
    pieces = diff_words(before, after)
    assert "".join(each.text for each in pieces if each.kind is not PieceKind.ADDED) == before
    assert "".join(each.text for each in pieces if each.kind is not PieceKind.REMOVED) == after
    assert all(each.text for each in pieces)


@given(_texts, _texts, st.integers(min_value=300, max_value=400))
def test_also_those_of_a_very_long_text(before: str, after: str, times: int) -> None:
    long, other = "very " * times * 5 + before, "very " * times * 5 + after
    pieces = diff_words(long, other)
    assert "".join(each.text for each in pieces if each.kind is not PieceKind.ADDED) == long
    assert "".join(each.text for each in pieces if each.kind is not PieceKind.REMOVED) == other


def test_one_word_is_marked_and_not_the_sentence() -> None:
    assert diff_words("Was a table booked?", "Was a room booked?") == (
        Piece(PieceKind.SAME, "Was a "),
        Piece(PieceKind.REMOVED, "table"),
        Piece(PieceKind.ADDED, "room"),
        Piece(PieceKind.SAME, " booked?"),
    )
