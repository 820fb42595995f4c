"""Fallbacks that a question names; design.md, "Answers"."""

from __future__ import annotations

import pytest

from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.fallbacks import names_fallback


def asked(prompt: str, kind: QuestionType = QuestionType.STRING) -> DispositionMetric:
    return DispositionMetric("q", prompt, kind, ("a",) if kind is QuestionType.ENUM else ())


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("Which product? Return 'unknown' if not mentioned.", "unknown"),
        ('Which product? If they do not say, answer with "Not Mentioned".', "not mentioned"),
        ("How many guests? 0 if none.", "0"),
        ("What is the policy number, or N/A", "N/A"),
        ("Name the discount, otherwise 'none'.", "none"),
        ("The allergy, or 'no allergies' if the caller has none", "no allergies"),
        ("What was the reason? Use the value NONE when nothing was said.", "None"),
        ("¿Qué producto? Responde 'desconocido' si no se menciona.", "desconocido"),
        ("Return -1 unless a number is given.", "-1"),
    ],
)
def test_a_fallback_is_found_however_it_is_put(prompt: str, value: str) -> None:
    assert names_fallback(asked(prompt), value)


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("Which product was it?", "unknown"),
        ("Was the caller unknown to us? Return their name.", "unknown"),
        ("Return 'resolved' if the problem was solved.", "resolved"),
        ("Return 'unknown' if not mentioned.", "known"),
        ("Return 'unknown' if not mentioned.", ""),
        ("Does the caller mention Anna? Return her surname if she is known.", "Anna"),
    ],
)
def test_other_words_of_a_question_are_no_fallback(prompt: str, value: str) -> None:
    assert not names_fallback(asked(prompt), value)


def test_a_choice_is_a_claim_unless_it_stands_for_silence() -> None:
    assert not names_fallback(asked("Answer 'open' if it was not solved, else 'resolved'.", QuestionType.ENUM), "open")
    assert not names_fallback(
        asked("Answer 'open' if it was not solved, else 'resolved'.", QuestionType.ENUM), "resolved"
    )
    assert names_fallback(asked("Choose 'silent' if the price was not mentioned.", QuestionType.ENUM), "silent")
