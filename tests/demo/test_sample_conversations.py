"""The hand-written conversations and the format they are written in."""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib import resources
from random import Random

import pytest

from postcall.demo.conversations import Conversation, parse_conversations, read_conversations
from postcall.demo.people import invent_people, read_names
from postcall.demo.slots import SLOT, choose_slots, fill
from postcall.domain.calls import Role
from postcall.errors import BadInput

CONVERSATIONS = read_conversations()
PERSON = invent_people(Random(1))[0]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.key)
def test_every_slot_of_every_wording_stands_for_something(conversation: Conversation) -> None:
    texts = [text for _, text in conversation.turns]
    texts += [str(value) for _, value in conversation.metrics] + [str(value) for value in conversation.gold.values()]
    wanted = {name for text in texts for name in SLOT.findall(text)}
    for seed in range(2 * max(1, len(conversation.sets))):
        slots = choose_slots(conversation, PERSON, date(2026, 3, 2) + timedelta(days=seed), Random(seed))
        assert wanted <= set(slots)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.key)
def test_wordings_are_written_in_pairs_of_brackets(conversation: Conversation) -> None:
    for _, text in conversation.turns:
        assert text.count("[[") == text.count("]]")
        assert text.count("{") == text.count("}") == len(SLOT.findall(text))


def test_keys_are_unique_and_the_variety_is_there() -> None:
    keys = [conversation.key for conversation in CONVERSATIONS]
    assert len(set(keys)) == len(keys) >= 44
    lengths = [len(conversation.turns) for conversation in CONVERSATIONS if conversation.turns]
    assert min(lengths) == 1
    assert 20 < max(lengths) <= 30
    assert sum(conversation.language == "es" for conversation in CONVERSATIONS) >= 4


def test_names_can_be_told_apart_from_one_another() -> None:
    names = read_names()
    assert all(len(set(listed)) == len(listed) > 10 for listed in names.values())


def test_the_data_files_are_valid_and_nothing_in_them_is_left_unread() -> None:
    folder = resources.files("postcall.demo") / "data"
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.is_file()}
    json.loads(texts.pop("people.json"))
    headings = [line for text in texts.values() for line in text.splitlines() if line.startswith("===")]
    assert headings == [f"=== {key}" for key in sorted_by_file(texts)]


def sorted_by_file(texts: dict[str, str]) -> list[str]:
    return [conversation.key for text in texts.values() for conversation in parse_conversations(text)]


def test_a_conversation_is_read_as_it_is_written() -> None:
    (read,) = parse_conversations(
        '=== one-more\n{"weight": 2, "metrics": {"N": [1, 2]}}\nA: Hi.\nU: It\'s me: {first}.\n'
    )
    assert read.key == "one-more"
    assert read.turns == ((Role.AGENT, "Hi."), (Role.USER, "It's me: {first}."))
    assert read.weight == read.weight_b == 2
    assert read.metrics == (("N", 1), ("N", 2))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"weight": }\nA: Hi.', "not JSON"),
        ('{"wieght": 1}\nA: Hi.', "unknown facts: wieght"),
        ("{}\nRobin: Hi.", "a turn begins with A: or U:"),
        ("{}\nA:", "a turn begins with A: or U:"),
    ],
)
def test_a_badly_written_conversation_is_named(body: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        list(parse_conversations(f"=== odd-one\n{body}\n"))
    assert caught.value.field == "odd-one"


def test_a_value_that_begins_a_sentence_has_a_capital_and_an_address_stays_as_it_is() -> None:
    slots = {"t.say": "nine thirty", "email": "nina.petrov@example.com"}
    assert fill("{t.say}? Yes, {t.say}. {t.say}!", slots) == "Nine thirty? Yes, nine thirty. Nine thirty!"
    assert fill("{email}. And then?", slots) == "nina.petrov@example.com. And then?"


def test_an_unknown_slot_is_not_passed_over() -> None:
    with pytest.raises(KeyError, match="nobody"):
        fill("Hello {nobody}.", {})
