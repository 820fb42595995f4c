"""Phrases that the model is not to say: what is spoken, what runs, and what the model is asked then."""

from __future__ import annotations

from typing import Any

from tests.runtime.session.scene import Call, Scene, project, spec

from postcall.domain.conversations import EventKind
from postcall.runtime.projects.model import PhraseFilter

GOODBYE = PhraseFilter("goodbye", (r"[Gg]oodbye",), True, None, "hang_up")
PRICE = PhraseFilter("price", (r"\d+ pounds",), False, None, "look_up_price")
SWEARING = PhraseFilter("swearing", (r"[Dd]amn",), False, None, None)


def filtered(*filters: PhraseFilter, code: Any, replies: Any, parameters: tuple[str, ...] = ()) -> Scene:
    made = project(*(spec(name, *parameters) for name in code), rules="", phrase_filters=filters)
    return Scene(made, code, replies)


def test_a_phrase_that_may_be_spoken_is_and_then_its_function_runs() -> None:
    scene = filtered(
        GOODBYE, code={"hang_up": lambda _: {"hangup": True}}, replies=[["Thanks, good", "bye and so on."]]
    )
    heard = scene.hear("That is all.")
    assert heard.said == ["Thanks, goodbye"]
    assert heard.ended
    assert scene.history[-1] == ("agent", "Thanks, goodbye")


def test_a_phrase_that_may_not_be_spoken_is_not_and_the_model_goes_on_with_the_result() -> None:
    scene = filtered(
        PRICE, code={"look_up_price": lambda _: "It is 40."}, replies=[["It costs 5", "0 pounds", " today."], "Forty."]
    )
    heard = scene.hear("How much?")
    assert heard.said == ["It costs", "Forty."]
    assert "pounds" not in "".join(heard.pieces)
    assert scene.asked[1].last.content == "It is 40."
    assert scene.host.of(EventKind.FILTER) == [
        {"name": "price", "phrase": "50 pounds", "spoken": False, "function": "look_up_price"}
    ]


def test_a_function_with_parameters_is_left_for_the_model_to_call() -> None:
    given: list[str] = []

    def look_up_price(conv: Any, item: str) -> dict[str, str]:
        given.append(item)
        return {"utterance": "Forty."}

    scene = filtered(
        PRICE,
        code={"look_up_price": look_up_price},
        parameters=("item",),
        replies=["50 pounds.", Call("look_up_price", '{"item": "a check"}')],
    )
    assert scene.hear("How much?").said == ["Forty."]
    assert scene.asked[1].tools == ("look_up_price",)
    assert "look_up_price" in scene.asked[1].last.content
    assert given == ["a check"]


def test_a_phrase_without_a_function_is_left_out_with_what_follows() -> None:
    scene = filtered(SWEARING, code={}, replies=["Well, damn it."])
    assert scene.hear("Hm.").said == ["Well,"]


def test_a_reply_that_begins_with_such_a_phrase_is_asked_for_again() -> None:
    scene = filtered(SWEARING, code={}, replies=["Damn it.", "I am sorry."])
    assert scene.hear("Hm.").said == ["I am sorry."]
    assert "Damn" in scene.asked[1].last.content


def test_what_a_function_says_is_never_filtered() -> None:
    made = project("act", phrase_filters=(SWEARING,))
    assert Scene(made, {"act": lambda _: {"utterance": "Damn!"}}, [Call("act")]).hear("Go.").said == ["Damn!"]


def test_a_filter_of_another_language_does_not_count() -> None:
    german = PhraseFilter("german", ("damn",), False, "de-DE", None)
    assert filtered(german, code={}, replies=["damn it"]).hear("Hm.").said == ["damn it"]
