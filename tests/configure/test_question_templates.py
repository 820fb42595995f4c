"""The templates: there are enough, they can be published, and the linter has nothing to say against them."""

from __future__ import annotations

from collections import Counter

import pytest

from postcall.configure.question_lint import lint_questions
from postcall.configure.question_templates import (
    TEMPLATES,
    Group,
    Template,
    find_template,
    find_templates,
    named_apart,
    read_group,
)
from postcall.domain.questions import QuestionType, check_questions
from postcall.errors import BadInput, NotFound


def test_there_are_at_least_24_over_every_group() -> None:
    assert len(TEMPLATES) >= 24
    counts = Counter(template.group for template in TEMPLATES)
    assert set(counts) == set(Group) and min(counts.values()) >= 4
    assert {question.type for template in TEMPLATES for question in template.questions} == set(QuestionType)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_a_template_can_be_published_as_it_is_and_is_well_written(template: Template) -> None:
    check_questions(template.questions)
    assert lint_questions(template.questions) == ()
    assert template.title and template.use.endswith(".")
    for question in template.questions:
        assert len(question.prompt.split()) >= 12, f"{question.identifier} says what counts"


def test_all_templates_can_be_asked_together() -> None:
    every = [question for template in TEMPLATES for question in template.questions]
    check_questions(every)
    assert lint_questions(every) == ()


def test_ids_are_unique() -> None:
    assert len({template.id for template in TEMPLATES}) == len(TEMPLATES)
    assert find_template("promise_to_pay").group is Group.COLLECTIONS
    with pytest.raises(NotFound):
        find_template("nothing")


def test_templates_are_found_by_group_and_by_words() -> None:
    assert {template.group for template in find_templates(group=Group.CLINICS)} == {Group.CLINICS}
    assert [template.id for template in find_templates(text="Refund wish")] == ["refund"]
    assert [template.id for template in find_templates(group=Group.SALES, text="compet named")] == ["competitor"]
    assert find_templates(text="zebra") == ()
    assert find_templates() == TEMPLATES


def test_a_group_is_read_or_refused_by_name() -> None:
    assert read_group(" Sales ") is Group.SALES and read_group("") is None
    with pytest.raises(BadInput, match="general, sales"):
        read_group("gardening")


def test_a_taken_identifier_gets_a_number() -> None:
    [name, number] = find_template("caller_details").questions
    added = named_apart((name, number), {"caller_name", "caller_name_2"})
    assert [question.identifier for question in added] == ["caller_name_3", "callback_number"]
    assert [question.identifier for question in named_apart((name, name), set())] == ["caller_name", "caller_name_2"]
