"""What the model is told, and the schema that it must fit."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.extraction.extracting import CALL, QUESTIONS

from postcall.domain.calls import Role, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.budget import split_questions
from postcall.extraction.prompt import INSTRUCTIONS, build_messages, render_task, render_transcript, render_turn
from postcall.extraction.schema import MAX_CHARACTERS, MAX_ENUM_VALUES, enum_values, name_characters, reply_schema
from postcall.extraction.tokens import estimate_tokens

WEDNESDAY = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


def test_instructions_come_first_then_the_transcript_then_the_questions() -> None:
    block = render_transcript([render_turn(n, turn) for n, turn in enumerate(CALL)], total=4, reference=WEDNESDAY)
    system, user = build_messages(block, render_task(QUESTIONS, "In one sentence."))
    assert (system.role, system.content, user.role) == ("system", INSTRUCTIONS, "user")
    assert "Wednesday 2026-03-11T14:00+00:00" in user.content
    places = [
        user.content.index(text) for text in ("[0] agent", "[3] user", "caller_name (STRING)", "In one sentence.")
    ]
    assert places == sorted(places)


def test_choices_and_questions_are_written_so_that_they_stay_apart() -> None:
    question = DispositionMetric("q", 'Which?\n- other (STRING): "x"', QuestionType.ENUM, ('a "b", c', "d"))
    task = render_task((question,), None)
    assert '"a \\"b\\", c", "d"' in task
    assert sum(line.startswith("- ") for line in task.splitlines()) == 1


@given(text=st.text())
def test_whatever_is_said_stays_on_its_line_and_can_be_read_back(text: str) -> None:
    line = render_turn(7, Turn(Role.USER, text))
    assert len(line.splitlines()) == 1
    assert line.startswith('[7] user: "')
    assert isinstance(json.loads(line.removeprefix("[7] user: ")), str)
    line.encode()


def test_the_schema_is_strict_throughout() -> None:
    schema = reply_schema(QUESTIONS)

    def visit(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part["required"] == list(part["properties"])
                assert part["additionalProperties"] is False
            for inner in part.values():
                visit(inner)

    visit(schema)
    answers = schema["properties"]["answers"]["properties"]
    assert list(answers["booked"]["properties"]) == ["evidence", "reasoning", "value", "confidence"]
    assert answers["booked"]["properties"]["value"] == {"type": ["boolean", "null"]}
    assert answers["reason"]["properties"]["value"]["enum"] == ["cleaning", "pain", "other_reason", None]
    assert reply_schema(QUESTIONS) is schema, "built once per question set"


def test_a_question_set_of_ordinary_size_stays_together() -> None:
    questions = tuple(DispositionMetric(f"q{n}", "What about it?" * 3, QuestionType.STRING) for n in range(50))
    assert split_questions(questions, context_tokens=100_000) == (questions,)
    assert split_questions((), context_tokens=100_000) == ((),)


@given(
    choices=st.lists(st.integers(0, 1_200), min_size=1, max_size=30),
    length=st.integers(6, 60),
    context_tokens=st.sampled_from([2_000, 8_000, 100_000]),
)
def test_every_part_of_a_question_set_is_within_the_limits(
    choices: list[int], length: int, context_tokens: int
) -> None:
    questions = tuple(
        DispositionMetric(f"q{n}", "Which?", QuestionType.ENUM, tuple(f"{m:0{length}}" for m in range(count)))
        if count
        else DispositionMetric(f"q{n}", "Who?", QuestionType.STRING)
        for n, count in enumerate(choices)
    )
    parts = split_questions(questions, context_tokens=context_tokens)
    assert tuple(question for part in parts for question in part) == questions
    for part in parts:
        assert sum(map(enum_values, part)) <= MAX_ENUM_VALUES
        assert sum(map(name_characters, part)) <= MAX_CHARACTERS


def test_token_estimates_are_higher_for_scripts_that_need_more() -> None:
    assert 20 <= estimate_tokens("The quick brown fox jumps over the lazy dog, and then some more of it.") <= 25
    assert estimate_tokens("привет" * 10) >= 60
    assert estimate_tokens("語" * 10) >= 10
    assert estimate_tokens("👍" * 10) >= 20
    assert estimate_tokens("\ud800") >= 1
