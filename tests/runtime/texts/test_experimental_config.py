"""experimental_config.json: its defaults, its overrides, and what happens to values that do not fit."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.calls import Json
from postcall.domain.visibility import HandoffApi
from postcall.runtime.texts.experimental import FAREWELL, ChannelDisclaimer, Tuning, read_handoff_api, read_tuning


def tuned(
    raw: Mapping[str, Json],
    *,
    variant: str | None = None,
    flow: str | None = None,
    step: str | None = None,
    channel: str = "sip.polyai",
    language: str = "en-US",
) -> Tuning:
    return read_tuning(raw, variant=variant, flow=flow, step=step, channel=channel, language=language)


def test_without_a_file_everything_has_its_default() -> None:
    tuning = tuned({})
    assert tuning == Tuning()
    ragdoll = tuning.ragdoll
    assert (ragdoll.threshold, ragdoll.in_flow_threshold, ragdoll.qa_metric_threshold) == (0.4, 0.35, 0.33)
    assert (ragdoll.top_k, ragdoll.history_len, ragdoll.previous_user_inputs_len) == (5, 7, 2)
    assert (tuning.threshold(in_flow=False), tuning.threshold(in_flow=True)) == (0.4, 0.35)
    control = tuning.conversation_control
    assert (control.max_silence_count, control.silence_timeout) == (3, 10.0)
    assert tuning.llm.include_kb_functions_in_flows is False


def test_one_bad_value_does_not_cost_the_others() -> None:
    tuning = tuned(
        {
            "ragdoll": {"top_k": "many", "threshold": 0.5, "history_len": -1, "previous_user_inputs_len": True},
            "llm": ["nonsense"],
            "prompts": {"silence": 7, "step_footer": "Be brief.", "context_information": "no place for topics"},
            "conversation_control": {"max_silence_count": 20.0},
            "invented": {"x": 1},
        }
    )
    assert (tuning.ragdoll.top_k, tuning.ragdoll.threshold, tuning.ragdoll.history_len) == (5, 0.5, 7)
    assert tuning.ragdoll.previous_user_inputs_len == 2
    assert tuning.llm == Tuning().llm
    assert tuning.prompts.silence == Tuning().prompts.silence
    assert (tuning.prompts.step_footer, tuning.prompts.context_information) == ("Be brief.", None)
    assert tuning.conversation_control.max_silence_count == 20


def test_the_more_particular_override_wins() -> None:
    raw: dict[str, Json] = {
        "llm": {
            "provider_model_id": "base",
            "inference_parameters": {"temperature": 0, "top_p": 1},
            "variant_overrides": {"North": {"provider_model_id": "variant"}},
            "channel_overrides": {"webchat.polyai": {"provider_model_id": "channel"}},
            "language_overrides": {"fr-CA": {"provider_model_id": "language"}},
            "flow_overrides": {
                "Order": {
                    "provider_model_id": "flow",
                    "inference_parameters": {"temperature": 1},
                    "steps": {"When": {"provider_model_id": "step"}},
                }
            },
        }
    }

    def model(**where: str) -> str | None:
        return tuned(raw, **where).llm.provider_model_id

    assert model() == "base"
    assert model(variant="North") == "variant"
    assert model(variant="North", channel="webchat.polyai") == "channel"
    assert model(channel="webchat.polyai", language="fr-CA") == "language"
    assert model(flow="Order", language="fr-CA") == "flow"
    assert model(flow="Order", step="When") == "step"
    assert model(flow="order", step="When") == "base"
    assert tuned(raw, flow="Order").llm.inference_parameters == {"temperature": 1, "top_p": 1}


def test_sentences_are_in_the_conversations_language() -> None:
    raw: dict[str, Json] = {
        "conversation_control": {"hangup_utterance": {"en-US": "Bye", "fr-CA": "Au revoir"}},
        "filler_utterances": {"is_enabled": True, "utterances": {"en-US": ["Hm"], "fr-CA": ["Un instant", 7]}},
    }
    french = tuned(raw, language="fr-CA")
    assert french.conversation_control.hangup_utterance == "Au revoir"
    assert french.filler_utterances.utterances == ("Un instant",)
    assert tuned(raw, language="fr-FR").conversation_control.hangup_utterance == "Au revoir"
    assert tuned(raw, language="de-DE").conversation_control.hangup_utterance == FAREWELL
    single = tuned({"conversation_control": {"hangup_utterance": "So long"}})
    assert single.conversation_control.hangup_utterance == "So long"


def test_a_channel_has_its_own_exclusions_and_disclaimer() -> None:
    raw: dict[str, Json] = {
        "ragdoll": {"channel_topic_exclusions": {"webchat.polyai": ["Allergies"]}},
        "conversation_control": {
            "channel_overrides": {"webchat.polyai": {"disclaimer_message": {"is_enabled": False}}},
        },
    }
    chat = tuned(raw, channel="webchat.polyai")
    assert chat.ragdoll.channel_topic_exclusions == ("Allergies",)
    assert chat.conversation_control.disclaimer_message == ChannelDisclaimer(is_enabled=False)
    assert tuned(raw).ragdoll.channel_topic_exclusions == ()
    assert tuned(raw).conversation_control.disclaimer_message is None


def test_memory_keys_are_read() -> None:
    tuning = tuned({"memory": {"identifier_source": "state:member", "repeat_caller": {"state_keys": ["name"]}}})
    assert tuning.memory.identifier_source == "state:member"
    assert tuning.memory.repeat_caller.state_keys == ("name",)


def test_of_what_is_told_after_a_handoff_only_the_bad_parts_are_left_out() -> None:
    block: dict[str, Json] = {
        "state_keys": ["a", "b", 3, "", "a"],
        "aliases": {"a": "A", "b": 1, "c": "C"},
        "shared_id_state_key": ["x"],
    }
    assert read_handoff_api({"handoff_api": block}) == HandoffApi(("a", "b"), {"a": "A"}, None)
    assert read_handoff_api({"handoff_api": {"shared_id_state_key": "ticket"}}).shared_id_state_key == "ticket"
    nothing: list[dict[str, Json]] = [{}, {"handoff_api": None}, {"handoff_api": [1]}, {"handoff_api": {"aliases": 1}}]
    assert [read_handoff_api(raw) for raw in nothing] == [HandoffApi()] * 4


NAMES = st.sampled_from(
    ["ragdoll", "prompts", "llm", "conversation_control", "memory", "handoff_api", "filler_utterances", "top_k",
     "threshold", "silence", "hangup_utterance", "utterances", "repeat_caller", "flow_overrides", "steps", "Order",
     "When", "channel_overrides", "sip.polyai", "language_overrides", "en-US", "variant_overrides",
     "disclaimer_message", "channel_topic_exclusions"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=6))
def test_no_file_stops_a_conversation(raw: dict[str, Json]) -> None:
    assert isinstance(tuned(raw, flow="Order", step="When", variant="North"), Tuning)
