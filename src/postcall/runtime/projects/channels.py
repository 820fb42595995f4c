"""What is particular to voice and to chat, and what is done to words on their way in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from postcall.runtime.projects.fields import Fields, Files, Text, words_of
from postcall.runtime.projects.model import ChannelConfig, Correction, Disclaimer, PhraseFilter
from postcall.runtime.texts.expressions import compiled

PHRASES = "voice/response_control/phrase_filtering.yaml"
CORRECTIONS = "voice/speech_recognition/transcript_corrections.yaml"
_KINDS = frozenset({"full", "partial", "substring"})
_LONGEST_PATTERN = 5_000


@dataclass(frozen=True, slots=True)
class ReadChannel:
    """A channel, and the texts in which references may stand."""

    config: ChannelConfig = field(default_factory=ChannelConfig)
    texts: tuple[Text, ...] = ()
    style: Text | None = None


def read_channel(files: Files, folder: str) -> ReadChannel:
    """`voice` or `chat`."""
    fields = files.mapping(f"{folder}/configuration.yaml")
    if fields is None:
        return ReadChannel()
    greeting, style = fields.inner("greeting"), fields.inner("style_prompt")
    disclaimers = [each for each in _disclaimers(fields) if each.flag("enabled", True)]
    texts = [each.located("message") for each in disclaimers]
    if greeting:
        texts.insert(0, greeting.located("welcome_message"))
    config = ChannelConfig(
        greeting=greeting.text("welcome_message").strip() if greeting else "",
        greeting_language=greeting.text("language_code").strip() or None if greeting else None,
        style_prompt=style.text("prompt").strip() if style else "",
        disclaimers=tuple(
            Disclaimer(each.text("message").strip(), each.text("language_code").strip() or None)
            for each in disclaimers
            if each.text("message").strip()
        ),
    )
    return ReadChannel(config, tuple(texts), style.located("prompt") if style else None)


def read_phrase_filters(files: Files) -> tuple[tuple[PhraseFilter, int], ...]:
    """What the model is not to say, each with the line that names its function.

    One without a pattern is left out, and so is a pattern that is none.
    """
    fields = files.mapping(PHRASES)
    if fields is None:
        return ()
    found = []
    for entry in fields.entries("phrase_filtering"):
        name = entry.needed("name")
        patterns = tuple(each for each in entry.texts("regular_expressions") if _is_pattern(entry, each))
        if name is None:
            continue
        if not patterns:
            entry.complain(f"the phrase filter {name!r} has no regular expression that can be used")
            continue
        phrase_filter = PhraseFilter(
            name=name,
            patterns=patterns,
            say_phrase=entry.flag("say_phrase"),
            language=entry.text("language_code").strip() or None,
            function=entry.text("function").strip() or None,
        )
        found.append((phrase_filter, entry.line("function")))
    return tuple(found)


def read_corrections(files: Files) -> tuple[Correction, ...]:
    """What is replaced in the words of the user, in the order of the file."""
    fields = files.mapping(CORRECTIONS)
    if fields is None:
        return ()
    return tuple(each for group in fields.entries("corrections") for each in _corrections(group))


def _corrections(group: Fields) -> Iterator[Correction]:
    for entry in group.entries("regular_expressions"):
        pattern = entry.needed("regular_expression")
        if pattern is None or not _is_pattern(entry, pattern, "regular_expression"):
            continue
        kind = entry.text("replacement_type").strip() or "full"
        if kind not in _KINDS:
            entry.complain(f"replacement_type {kind!r} is none of {', '.join(sorted(_KINDS))}", "replacement_type")
            continue
        yield Correction(pattern, entry.text("replacement"), kind)


def _disclaimers(fields: Fields) -> Iterator[Fields]:
    """One mapping in older projects; a list of them is as good."""
    if isinstance(fields.value("disclaimer_messages"), list):
        yield from fields.entries("disclaimer_messages")
    elif inner := fields.inner("disclaimer_messages"):
        yield inner


def _is_pattern(entry: Fields, pattern: str, name: str = "regular_expressions") -> bool:
    if len(pattern) > _LONGEST_PATTERN:
        entry.complain(f"a regular expression of more than {_LONGEST_PATTERN:,} characters", name)
        return False
    if compiled(pattern) is None:
        entry.complain(f"{words_of(pattern)} is no regular expression", name)
        return False
    return True
