"""Moves, speech, handoffs, variants, languages and settings: what a function asks for through `conv` and `flow`."""

# ruff: noqa: ARG005 - functions take conv

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.runtime.conv.stage import PROJECT, Stage, value_of

from postcall.runtime.conv.errors import OutsideServiceNeeded
from postcall.runtime.conv.modules import star_names
from postcall.runtime.protocol import AskedHandoff, Effects, FunctionDone, Moved, StaticProject

GEN: dict[str, Any] = star_names()


def doing(function: Any, *, project: StaticProject = PROJECT, **context: Any) -> FunctionDone:
    done = Stage(project=project).run(function, **context)
    assert done.failed is None, done.failed
    return done


def effects(function: Any, **context: Any) -> Effects:
    return doing(function, **context).effects


def both(*calls: Any) -> Any:
    def function(conv: Any) -> None:
        for call in calls:
            call(conv)

    return function


def test_the_last_move_wins() -> None:
    def leave(conv: Any) -> None:
        conv.exit_flow()

    def book(conv: Any) -> None:
        conv.goto_flow("Booking")

    assert effects(both(book)).moved == Moved(goto_flow="Booking")
    assert effects(both(leave)).moved == Moved(exit_flow=True)
    assert effects(both(leave, book)).moved == Moved(goto_flow="Booking")
    assert effects(both(book, lambda conv: conv.goto_flow("Other"))).moved == Moved(goto_flow="Other")


def test_code_after_a_move_runs_on_and_its_return_counts() -> None:
    def moves(conv: Any) -> str:
        conv.goto_flow("Booking")
        conv.state.after = True
        return "go on"

    done = doing(moves)
    assert (done.returned.text, done.added) == ("go on", {"after": True})


def test_a_flow_function_goes_to_a_step_with_a_label() -> None:
    def moves(conv: Any, flow: Any, room: str) -> str:
        flow.goto_step("Pay", "paid")
        return f"{flow.current_step} {room}"

    stage = Stage()
    done = stage.run(
        moves,
        kind="transition",
        flow="Booking",
        arguments={"room": "blue"},
        current_flow="Booking",
        current_step="Ask",
    )
    assert done.effects.moved == Moved(goto_step="Pay", label="paid")
    assert done.returned.text == "Ask blue"


def test_a_function_step_gets_conv_and_flow() -> None:
    done = Stage().run(lambda conv, flow: flow.goto_step("Pay"), kind="step", flow="Booking")
    assert (done.failed, done.effects.moved) == (None, Moved(goto_step="Pay"))


def test_say_is_kept_beside_what_is_returned() -> None:
    def says(conv: Any) -> dict[str, Any]:
        conv.say("first")
        conv.say("second")
        return {"utterance": "third", "content": "go on"}

    done = doing(says)
    assert (done.effects.say, done.returned.text) == ("second", "go on")
    assert doing(lambda conv: conv.say("")).effects.say == ""


def test_a_handoff_finds_its_destination_whatever_the_case() -> None:
    def hands(destination: str, **more: Any) -> Any:
        return effects(lambda conv: conv.call_handoff(destination, **more))

    assert hands("Billing").handoff == AskedHandoff(destination="Billing", reason="Billing")
    assert hands("BILLING", reason="invoice").handoff == AskedHandoff(destination="Billing", reason="invoice")
    assert hands("DEFAULT").handoff == AskedHandoff(destination="Desk", reason="DEFAULT")
    full = hands("billing", utterance="One moment.", sip_headers={"X-A": 1}, route="+1555").handoff
    assert (full.utterance, full.sip_headers, full.route) == ("One moment.", {"X-A": "1"}, "+1555")


@pytest.mark.parametrize("destination", ["Nowhere", "default"])
def test_a_handoff_that_the_project_does_not_list_is_recorded_and_noted(destination: str) -> None:
    project = replace(PROJECT, handoffs={"Billing": {}})
    asked = doing(lambda conv: conv.call_handoff(destination), project=project).effects
    assert asked.handoff == AskedHandoff(destination=destination, reason=destination)
    assert destination in asked.notes[0]


def test_the_result_of_call_handoff_may_be_returned() -> None:
    assert doing(lambda conv: conv.call_handoff("Billing")).returned.raw is None


def test_handoffs_can_be_read() -> None:
    assert value_of(lambda conv: {name: one.sip_type for name, one in conv.handoffs.items()}) == {
        "Billing": "refer",
        "Desk": "refer",
    }


def test_the_variant_is_the_default_one_and_its_missing_attributes_are_none() -> None:
    assert value_of(lambda conv: (conv.variant_name, conv.variant.town, conv.variant.nothing)) == (
        "north",
        "Leeds",
        None,
    )
    assert value_of(lambda conv: conv.variant.get("town"), variant="south") == "Hove"
    assert value_of(lambda conv: conv.variant.town, variant="south", variant_attributes={"town": "Ryde"}) == "Ryde"
    assert value_of(lambda conv: sorted(conv.variants)) == ["north", "south"]


def test_assigning_to_the_variant_is_recorded() -> None:
    def assigns(conv: Any) -> None:
        conv.variant.timezone = "Europe/London"
        conv.variant["price"] = 9

    assert effects(assigns).variant_attributes == {"timezone": "Europe/London", "price": 9}
    assert effects(lambda conv: conv.variant.town).variant_attributes == {}


def test_a_switched_variant_is_seen_at_once_and_an_unknown_one_changes_nothing() -> None:
    def switches(conv: Any) -> str:
        conv.set_variant("south")
        conv.variant.mood = "calm"
        conv.set_variant("east")
        return f"{conv.variant_name} {conv.variant.town}"

    done = doing(switches)
    assert done.returned.text == "south Hove"
    assert (done.effects.variant, done.effects.variant_attributes) == ("south", {"mood": "calm"})
    assert "'east'" in done.effects.notes[0]


def test_a_returned_variant_that_is_unknown_is_noted_too() -> None:
    done = doing(lambda conv: {"variant": "east"})
    assert (done.effects.variant, len(done.effects.notes)) == (None, 1)


def test_a_project_without_variants_has_none() -> None:
    assert doing(lambda conv: f"{conv.variant} {conv.variant_name}", project=StaticProject("a", "p")).returned.text == (
        "None None"
    )


@pytest.mark.parametrize(
    ("code", "language", "notes"),
    [("fr-FR", "fr-FR", 0), ("FR-fr", "fr-FR", 0), ("fr", "fr-FR", 0), ("de-DE", "en-US", 1), ("", "en-US", 1)],
)
def test_a_language_that_is_not_spoken_becomes_the_default_one(code: str, language: str, notes: int) -> None:
    def switches(conv: Any) -> str:
        conv.set_language(code)
        return f"{conv.language} {conv.state.asr_lang_code} {conv.state['tts_lang_code']}"

    done = doing(switches)
    assert done.returned.text == " ".join([language] * 3)
    assert (done.effects.language, len(done.effects.notes)) == (language, notes)


def test_translations_follow_the_language_and_fall_back() -> None:
    def reads(conv: Any) -> str:
        before = conv.translations.bye
        conv.set_language("fr-FR")
        return f"{before}, {conv.translations.bye}, {conv.translations.hi}, {getattr(conv.translations, 'none', 'no')}"

    assert doing(reads).returned.text == "Goodbye, Au revoir, Hi, no"


def test_voices_are_passed_on_with_their_settings() -> None:
    def sets(conv: Any) -> str:
        conv.set_voice(GEN["ElevenLabsVoice"]("v-1", stability=0.5))
        return str(conv.voice_change.stability)

    done = doing(sets)
    assert done.returned.text == "0.5"
    assert done.effects.voice == {
        "provider": "elevenlabs",
        "provider_voice_id": "v-1",
        "config": {"stability": 0.5},
    }


def test_a_random_voice_is_one_with_weight() -> None:
    def sets(conv: Any) -> None:
        weighted, voice = GEN["VoiceWeighting"], GEN["RimeVoice"]
        conv.randomize_voice([weighted(voice("never"), 0.0), weighted(voice("always"), 1.0)])

    voice = effects(sets).voice
    assert voice is not None
    assert voice["provider_voice_id"] == "always"


def test_what_is_no_voice_is_refused() -> None:
    done = Stage().run(lambda conv: conv.set_voice("v-1"))
    assert done.failed is not None
    assert done.failed.message.startswith("TypeError")


def test_asr_biasing_is_set_and_cleared() -> None:
    assert effects(lambda conv: conv.set_asr_biasing(["Ada"], {"blue": 2})).asr_biasing == {
        "keywords": ["Ada"],
        "custom_biases": {"blue": 2.0},
    }
    cleared = {"keywords": None, "custom_biases": None}
    assert effects(lambda conv: conv.clear_asr_biasing()).asr_biasing == cleared
    assert effects(lambda conv: None).asr_biasing is None


@pytest.mark.parametrize(("keywords", "biases"), [("Ada", None), ([1], None), (None, ["a"]), (None, {"a": "b"})])
def test_asr_biasing_refuses_other_types(keywords: Any, biases: Any) -> None:
    done = Stage().run(lambda conv: conv.set_asr_biasing(keywords, biases))
    assert done.failed is not None
    assert done.failed.message.startswith("ValueError")


def test_a_recording_can_be_discarded_until_the_end() -> None:
    assert effects(lambda conv: conv.discard_recording()).discard_recording
    late = Stage().run(lambda conv: conv.discard_recording(), kind="end")
    assert late.failed is not None
    assert not late.effects.discard_recording


def test_the_satisfaction_survey_is_recorded_and_only_for_the_phone() -> None:
    def asks(conv: Any) -> None:
        conv.goto_csat_flow()
        conv.set_csat_eligibility(True, "asked")
        conv.set_csat_phone_number("+1555")
        conv.set_csat_score(4)
        conv.set_csat_survey_entered()

    given = {"eligible": True, "reason": "asked", "phone_number": "+1555", "score": 4, "survey_entered": True}
    assert effects(asks).csat == {"goto_csat_flow": True, **given}
    chat = effects(asks, channel_type="chat.polyai")
    assert (chat.csat, len(chat.notes)) == (given, 1)


def test_topics_are_disabled_and_enabled() -> None:
    def changes(conv: Any) -> str:
        conv.knowledge_base.disable_topics(["Parking", "Prices"])
        conv.knowledge_base.enable_topics(["Old"])
        return str(conv.knowledge_base.disabled_topics)

    done = doing(changes, disabled_topics=("Old", "Prices"))
    assert done.returned.text == "['Prices', 'Parking']"
    assert done.effects.disabled_topics == ("Prices", "Parking")
    assert effects(lambda conv: conv.disable_kb_topics(["A"]), disabled_topics=("Old",)).disabled_topics == ("A",)
    for clear in (lambda conv: conv.clear_disabled_kb_topics(), lambda conv: conv.knowledge_base.enable_all_topics()):
        assert effects(clear, disabled_topics=("Old",)).disabled_topics == ()
    assert effects(lambda conv: None, disabled_topics=("Old",)).disabled_topics is None


def test_the_clock_can_start_elsewhere() -> None:
    start = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    read = value_of(
        lambda conv: (conv.clock.now_utc(), conv.clock.today(), conv.clock.now("Europe/Paris").date()),
        now=start.timestamp(),
    )
    assert start <= read[0] < start + timedelta(seconds=30)
    assert (read[1].isoformat(), read[2].isoformat()) == ("2026-03-01", "2026-03-02")
    machine = value_of(lambda conv: conv.clock.now())
    assert abs(machine - datetime.now(UTC)) < timedelta(seconds=30)


def test_an_external_event_gets_an_id() -> None:
    def asks(conv: Any) -> str:
        made: str = conv.generate_external_event(send_to_llm=True)
        return made

    done = doing(asks)
    (event,) = done.effects.external_events
    assert (event["ext_event_id"], event["send_to_llm"]) == (done.returned.text, True)
    assert datetime.fromisoformat(event["created_at"]).tzinfo is not None
    told = {"ext_event_id": "e-1", "send_to_llm": False, "created_at": None, "data": "x", "content_type": "text"}
    assert value_of(lambda conv: conv.generic_external_events, external_events=(told,)) == [told]


def test_what_needs_an_outside_service_is_refused_and_says_so() -> None:
    calls = (
        lambda conv: conv.integrations.opentable.proxy_request("/tables", "GET"),
        lambda conv: conv.integrations.tripleseat.get_bookings(),
        lambda conv: conv.connectors.calendar.book(1),
        lambda conv: conv.cxone.signal({}),
        lambda conv: conv.agentic_dial.send_to_parent("hi"),
        lambda conv: conv.external_events.listen_for_sms_next_turn(),
    )
    for call in calls:
        failed = Stage().run(call).failed
        assert failed is not None
        assert failed.message.startswith("OutsideServiceNeeded: ")
    assert issubclass(OutsideServiceNeeded, NotImplementedError)
