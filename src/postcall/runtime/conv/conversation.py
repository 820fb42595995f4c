"""`conv`: the conversation as a project's functions have it."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from typing import Any, TypeAlias

from postcall.runtime.conv.api import told_of
from postcall.runtime.conv.flow import FlowTransition
from postcall.runtime.conv.handoffs import find_handoff
from postcall.runtime.conv.plain import as_json, as_text
from postcall.runtime.conv.sending import Sending
from postcall.runtime.conv.settings import ASRBiasing, checked_biasing, known_language
from postcall.runtime.conv.state import State
from postcall.runtime.conv.voices import TTSVoice, VoiceType, VoiceWeighting
from postcall.runtime.protocol import AskedHandoff, Effects

SupportedLanguageCodes: TypeAlias = str
"""BCP 47; the ones of the project, others stand for its default language."""


class Conversation(Sending):
    """What a function reads, writes and asks for. Wishes to go elsewhere take effect when the function has ended."""

    @classmethod
    def from_runtime_data(
        cls,
        runtime_data: dict[str, Any],
        call_sid: str,
        account_id: str,
        project_id: str,
        env: str,
        flow_transition: FlowTransition,
        vpc_enabled: bool = False,
    ) -> Conversation:
        """From a dictionary with the other arguments of the constructor by name; what it does not have is empty."""
        given: dict[str, Any] = {
            "sip_headers": {},
            "state": State(),
            "current_flow": None,
            "current_step": None,
            "caller_number": None,
            "callee_number": None,
            **runtime_data,
        }
        given["state"] = State(given["state"])
        return cls(
            call_sid, account_id, project_id, env, flow_transition=flow_transition, vpc_enabled=vpc_enabled, **given
        )

    def write_metric(self, name: str, value: float | int | str | None = None, *, write_once: bool = False) -> None:
        """Write a metric. Without a value it is a flag; `write_once` passes over what the conversation has already."""
        self.metrics.write(name, value, write_once)

    def goto_flow(self, flow_name: str) -> None:
        self.flow_transition.goto_flow, self.flow_transition.exit_flow = flow_name, False
        self.wishes.goto_flow(as_text(flow_name))

    def exit_flow(self) -> None:
        self.flow_transition.goto_flow, self.flow_transition.exit_flow = None, True
        self.wishes.exit_flow()

    def say(self, utterance: str) -> None:
        """Say this once the function has ended, and end the turn, whatever the function returns."""
        self.wishes.say = as_text(utterance)

    def call_handoff(
        self,
        destination: str,
        reason: str | None = None,
        utterance: str | None = None,
        sip_headers: dict[str, str] | None = None,
        route: str | None = None,
    ) -> None:
        """Pass the call on. A destination that the project does not list is recorded all the same, and noted."""
        wanted = as_text(destination)
        name = find_handoff(self.around.project.handoffs, wanted)
        if name is None:
            self.wishes.note(f"handoff {wanted!r} is not in the project: recorded under that name")
        self.wishes.handoff = AskedHandoff(
            destination=name or wanted,
            reason=as_text(reason) if reason else wanted,
            utterance=None if utterance is None else as_text(utterance),
            sip_headers={as_text(key): as_text(value) for key, value in (sip_headers or {}).items()},
            route=None if route is None else as_text(route),
        )

    def set_variant(self, variant: str) -> None:
        """Switch the variant; one that the project does not have is noted, and the old one stays."""
        if variant not in self._variants:
            self.wishes.note(f"variant {variant!r} is not in the project: {self._variant_name!r} stays")
            return
        self._variant_name = self.wishes.variant = variant

    def set_language(self, language: SupportedLanguageCodes) -> None:
        """Switch the language; one that the project does not speak stands for its default language."""
        known = known_language(as_text(language), self.around.project)
        if known is None:
            known = self.around.project.default_language
            self.wishes.note(f"language {language!r} is none of the project's: {known} is used")
        self._language = self.wishes.language = known
        self._state["asr_lang_code"] = self._state["tts_lang_code"] = known

    @property
    def voice_change(self) -> TTSVoice | None:
        """The voice that this function has set."""
        return self._voice_set

    _voice_set: TTSVoice | None = None

    def set_voice(self, voice: VoiceType) -> None:
        if not isinstance(voice, TTSVoice):
            raise TypeError(f"a voice is expected, not a {type(voice).__name__}")
        self._voice_set = voice
        self.wishes.voice = as_json(voice.to_dict())

    def randomize_voice(self, voice_weights: list[VoiceWeighting]) -> None:
        """Set one of these voices, drawn by their weights."""
        weights = [1.0 if one.weight is None else one.weight for one in voice_weights]
        self.set_voice(random.choices([one.voice for one in voice_weights], weights)[0])

    def set_asr_biasing(self, keywords: list[str] | None = None, custom_biases: dict[str, float] | None = None) -> None:
        """Prefer these words when listening, until changed. Raises ValueError for other types."""
        biasing: ASRBiasing = checked_biasing(keywords, custom_biases)
        self.wishes.asr_biasing = {"keywords": biasing.keywords, "custom_biases": biasing.custom_biases}

    def clear_asr_biasing(self) -> None:
        self.wishes.asr_biasing = {"keywords": None, "custom_biases": None}

    def set_background_track(self, name: str, loudness: float = -40) -> None:
        self.wishes.background_track = {"name": as_text(name), "loudness": as_json(loudness)}

    def goto_csat_flow(self) -> None:
        """Ask for the caller's satisfaction: on the phone only, and once."""
        if self._channel_type not in ("sip.polyai", "VOICE"):
            self.wishes.note(f"the satisfaction survey is for phone calls, not for {self._channel_type}")
        else:
            self.wishes.csat["goto_csat_flow"] = True

    def set_csat_eligibility(self, eligible: bool, reason: str | None = None) -> None:
        self.wishes.csat["eligible"] = bool(eligible)
        self.wishes.csat["reason"] = None if reason is None else as_text(reason)

    def set_csat_phone_number(self, phone_number: str) -> None:
        self.wishes.csat["phone_number"] = as_text(phone_number)

    def set_csat_score(self, score: int) -> None:
        self.wishes.csat["score"] = as_json(score)

    def set_csat_survey_entered(self) -> None:
        self.wishes.csat["survey_entered"] = True

    def generate_external_event(self, *, send_to_llm: bool = False) -> str:
        """An id that somebody may send something to, within the hour."""
        event_id = uuid.uuid4().hex
        created_at = datetime.now(UTC).isoformat()
        self.wishes.external_events.append(
            {"ext_event_id": event_id, "send_to_llm": bool(send_to_llm), "created_at": created_at}
        )
        return event_id

    def log_api_response(self, response: Any, override_url: str | None = None) -> None:
        """Count a response of a server that the function asked itself."""
        self.wishes.api_responses.append(told_of(response, override_url))

    def discard_recording(self) -> None:
        """Keep no recording. Raises RuntimeError in the end function, when it is too late."""
        if self.around.kind == "end":
            raise RuntimeError("a recording cannot be discarded in the end function: the call is over")
        self.wishes.discard_recording = True

    def disable_kb_topics(self, topics: Any) -> None:
        """Take exactly these topics out of use."""
        self.knowledge_base.replace(topics)

    def clear_disabled_kb_topics(self) -> None:
        self.knowledge_base.enable_all_topics()

    def gathered(self) -> Effects:
        """Everything that was asked for, without what hangs on the variant and the entities."""
        return self.wishes.effects()
