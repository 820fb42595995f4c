"""Voices, as projects choose them: kept for the channel that speaks; nothing is spoken here."""

from __future__ import annotations

from typing import Any, Literal, NewType, TypeAlias

EmotionKindValue = NewType("EmotionKindValue", int)
EmotionIntensityValue = NewType("EmotionIntensityValue", int)


class TTSVoice:
    """A voice of a provider, with the settings that provider knows."""

    def __init__(self, provider: str, provider_voice_id: str, config: dict[str, Any] | None = None) -> None:
        self._provider = provider
        self._provider_voice_id = provider_voice_id
        self._config = {name: value for name, value in (config or {}).items() if value is not None}

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def provider_voice_id(self) -> str:
        return self._provider_voice_id

    def to_dict(self) -> dict[str, Any]:
        return {
            "provider": self._provider,
            "provider_voice_id": self._provider_voice_id,
            "config": {name: _as_dict(value) for name, value in self._config.items()},
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._provider_voice_id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TTSVoice) and other.to_dict() == self.to_dict()

    def __hash__(self) -> int:
        return hash((self._provider, self._provider_voice_id))


def _as_dict(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_dict(item) for item in value]
    return value.to_dict() if isinstance(value, Emotion) else value


class CustomVoice(TTSVoice):
    """A voice of a provider that has no class of its own here."""

    def __init__(self, provider: str, provider_voice_id: str, **kwargs: Any) -> None:
        super().__init__(provider, provider_voice_id, kwargs)


class ElevenLabsVoice(TTSVoice):
    """A voice of ElevenLabs."""

    def __init__(
        self,
        provider_voice_id: str,
        similarity_boost: float | None = None,
        stability: float | None = None,
        model_id: Literal[
            "eleven_monolingual_v1",
            "eleven_multilingual_v1",
            "eleven_turbo_v2",
            "eleven_turbo_v2_5",
            "eleven_flash_v2_5",
        ]
        | None = None,
        speed: float | None = None,
    ) -> None:
        config = {"similarity_boost": similarity_boost, "stability": stability, "model_id": model_id, "speed": speed}
        super().__init__("elevenlabs", provider_voice_id, config)

    @property
    def similarity_boost(self) -> float | None:
        return self._config.get("similarity_boost")

    @property
    def stability(self) -> float | None:
        return self._config.get("stability")

    @property
    def speed(self) -> float | None:
        return self._config.get("speed")


class RimeVoice(TTSVoice):
    """A voice of Rime."""

    def __init__(
        self,
        provider_voice_id: str,
        speech_alpha: float | None = None,
        model_id: Literal["mist", "mistv2"] | None = None,
    ) -> None:
        super().__init__("rime", provider_voice_id, {"speech_alpha": speech_alpha, "model_id": model_id})

    @property
    def speech_alpha(self) -> float | None:
        return self._config.get("speech_alpha")


class EmotionKind:
    """What a Cartesia voice can show."""

    ANGER = EmotionKindValue(1)
    POSITIVITY = EmotionKindValue(2)
    SURPRISE = EmotionKindValue(3)
    SADNESS = EmotionKindValue(4)
    CURIOSITY = EmotionKindValue(5)


class EmotionIntensity:
    """How strongly it shows it."""

    LOWEST = EmotionIntensityValue(1)
    LOW = EmotionIntensityValue(2)
    HIGH = EmotionIntensityValue(3)
    HIGHEST = EmotionIntensityValue(4)


class Emotion:
    """One emotion of a Cartesia voice."""

    def __init__(self, kind: EmotionKindValue | None = None, intensity: EmotionIntensityValue | None = None) -> None:
        self.kind = kind
        self.intensity = intensity

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "intensity": self.intensity}


class CartesiaVoice(TTSVoice):
    """A voice of Cartesia."""

    def __init__(
        self,
        provider_voice_id: str,
        speed: float | None = None,
        emotions: list[Emotion] | None = None,
        model_id: str | None = None,
        volume: float | None = None,
        emotion: str | None = None,
        language: str | None = None,
    ) -> None:
        config = {
            "speed": speed,
            "emotions": emotions,
            "model_id": model_id,
            "volume": volume,
            "emotion": emotion,
            "language": language,
        }
        super().__init__("cartesia", provider_voice_id, config)

    @property
    def emotions(self) -> list[Emotion] | None:
        return self._config.get("emotions")

    @property
    def speed(self) -> float | None:
        return self._config.get("speed")

    @property
    def volume(self) -> float | None:
        return self._config.get("volume")

    @property
    def emotion(self) -> str | None:
        return self._config.get("emotion")

    @property
    def language(self) -> str | None:
        return self._config.get("language")


class PlayHTVoice(TTSVoice):
    """A voice of PlayHT."""

    def __init__(
        self,
        provider_voice_id: str,
        speed: float | None = None,
        temperature: float | None = None,
        emotion: str | None = None,
        voice_guidance: int | None = None,
        style_guidance: int | None = None,
        voice_engine: str | None = None,
    ) -> None:
        config = {
            "speed": speed,
            "temperature": temperature,
            "emotion": emotion,
            "voice_guidance": voice_guidance,
            "style_guidance": style_guidance,
            "voice_engine": voice_engine,
        }
        super().__init__("playht", provider_voice_id, config)

    @property
    def temperature(self) -> float | None:
        return self._config.get("temperature")


class MinimaxVoice(TTSVoice):
    """A voice of Minimax."""

    def __init__(
        self,
        model_id: Literal["speech-02-hd", "speech-02-turbo", "speech-01-hd", "speech-01-turbo"],
        voice_id: str,
        speed: float | None = None,
        vol: float | None = None,
        pitch: float | None = None,
        emotion: str | None = None,
    ) -> None:
        config = {"model_id": model_id, "speed": speed, "vol": vol, "pitch": pitch, "emotion": emotion}
        super().__init__("minimax", voice_id, config)

    @property
    def model_id(self) -> str:
        model: str = self._config["model_id"]
        return model

    @property
    def speed(self) -> float | None:
        return self._config.get("speed")

    @property
    def vol(self) -> float | None:
        return self._config.get("vol")

    @property
    def pitch(self) -> float | None:
        return self._config.get("pitch")

    @property
    def emotion(self) -> str | None:
        return self._config.get("emotion")


class HumeVoice(TTSVoice):
    """A voice of Hume."""

    def __init__(
        self,
        provider_voice_id: str,
        voice_description: str | None = None,
        version: str | None = None,
        instant_mode: bool | None = None,
        provider: Literal["CUSTOM_VOICE", "HUME_AI"] | None = None,
    ) -> None:
        config = {
            "voice_description": voice_description,
            "version": version,
            "instant_mode": instant_mode,
            "provider": provider,
        }
        super().__init__("hume", provider_voice_id, config)


class GoogleVoice(TTSVoice):
    """A voice of Google."""

    def __init__(self, provider_voice_id: str, gender: Literal["male", "female", "neutral"] | None = None) -> None:
        super().__init__("google", provider_voice_id, {"gender": gender})

    @property
    def gender(self) -> str | None:
        return self._config.get("gender")


class _NamedVoice(TTSVoice):
    """A voice of a provider whose settings are passed on as they are given."""

    _of = ""

    def __init__(self, provider_voice_id: str, **kwargs: Any) -> None:
        super().__init__(self._of, provider_voice_id, kwargs)


class XaiVoice(_NamedVoice):
    """A voice of xAI."""

    _of = "xai"


class GradiumVoice(_NamedVoice):
    """A voice of Gradium."""

    _of = "gradium"


class HamsaVoice(_NamedVoice):
    """A voice of Hamsa."""

    _of = "hamsa"


class GoogleGeminiVoice(_NamedVoice):
    """A voice of Google's Gemini."""

    _of = "google_gemini"


VoiceType: TypeAlias = (
    CustomVoice
    | ElevenLabsVoice
    | PlayHTVoice
    | CartesiaVoice
    | RimeVoice
    | MinimaxVoice
    | HumeVoice
    | GoogleVoice
    | XaiVoice
    | GradiumVoice
    | HamsaVoice
    | GoogleGeminiVoice
)


class VoiceWeighting:
    """A voice among several, and how often it is to be drawn: in proportion to its weight, 1 where none is given."""

    def __init__(self, voice: VoiceType, weight: float | None = None) -> None:
        self._voice = voice
        self._weight = weight

    @property
    def voice(self) -> VoiceType:
        return self._voice

    @property
    def weight(self) -> float | None:
        return self._weight
