"""What the model reads, and what it may call, at one moment of a conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from postcall.llm.chat_shapes import ChatMessage, Tool
from postcall.runtime.projects.model import Condition, FunctionSpec, Project, Step, Topic
from postcall.runtime.protocol import CollectedEntity
from postcall.runtime.texts.experimental import Tuning
from postcall.runtime.texts.languages import is_english, language_name
from postcall.runtime.texts.references import Values, render
from postcall.runtime.texts.tags import is_channel
from postcall.runtime.texts.tools import condition_tools, function_tools
from postcall.runtime.texts.topics import Hit

_PRECURSOR = """\
CONTEXT_INFORMATION lists what you know that may matter for what the user just said. Each entry has a faq_id, \
faq_example_questions, a faq_description and faq_instructions. Answer from the descriptions alone and follow the \
instructions of the entry that fits; where none fits, say that you do not know rather than guess."""
_CONTEXT = "CONTEXT_INFORMATION:\n{topics_prompt}"
_NO_TOPICS = "(no entry fits)"
_IN_LANGUAGE = "Speak {language_name} with the user, whatever language these instructions are written in."
_STEP_OF_CONDITIONS = """\
When one of the conditions on offer as a tool is met, call that tool and say nothing; otherwise go on with this step."""
_DECORATED = ("voice", "webchat", "sms", "rcs", "whatsapp")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything for one request."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[Tool, ...]
    """Empty: send no tool field."""
    functions: Mapping[str, FunctionSpec]
    """What a called name means, where it is a function of the project."""
    conditions: Mapping[str, Condition]
    """What a called name means, where it is a way out of a default step; no name is in both."""


def build(
    project: Project,
    *,
    values: Values,
    tuning: Tuning,
    step: Step | None,
    flow: str | None,
    hits: Sequence[Hit | Topic],
    instruction: str | None,
    messages: Sequence[ChatMessage],
    extra_tools: Sequence[FunctionSpec] = (),
    entities: Mapping[str, CollectedEntity] | None = None,
    entity_errors: str | None = None,
    disabled: Collection[str] = (),
) -> Prompt:
    """The prompt and the tools of this moment; make it anew before every request, also within a turn.

    `hits` are the topics found now and those of earlier turns that are still visible, the newest first; those in
    `disabled` are left out. `messages` is the history without system messages; `extra_tools` the functions that the
    newest function result names, or a phrase filter asks for; `instruction` what an utterance that ended its turn left
    for this one; `entity_errors` what `entities.error_text` says of values that were just refused.
    """
    composer = _Composer(project, values, tuning, flow)
    hidden = {*disabled, *tuning.ragdoll.channel_topic_exclusions}
    topics = [topic for topic in _topics(hits) if topic.name not in hidden]
    system = composer.system(topics)
    closing = composer.closing(step, instruction, entities or {}, entity_errors)
    conditions: dict[str, Condition] = {}
    condition_offers: tuple[Tool, ...] = ()
    if step is not None and step.is_default:
        conditions, condition_offers = condition_tools(step, entities or {})
    specs = composer.offered(step, extra_tools)
    functions, function_offers = function_tools(specs, values, project, flow=flow)
    return Prompt(
        (ChatMessage("system", system), *messages, *(ChatMessage("system", text) for text in closing)),
        (*function_offers, *condition_offers),
        functions,
        conditions,
    )


def _topics(hits: Sequence[Hit | Topic]) -> list[Topic]:
    """Each topic once, in the order given."""
    found: dict[str, Topic] = {}
    for hit in hits:
        topic = hit.topic if isinstance(hit, Hit) else hit
        found.setdefault(topic.name, topic)
    return list(found.values())


class _Composer:
    """Puts the texts together and remembers which functions each part named."""

    def __init__(self, project: Project, values: Values, tuning: Tuning, flow: str | None) -> None:
        self._project = project
        self._values = values
        self._tuning = tuning
        self._flow = flow
        self._of_rules: list[FunctionSpec] = []
        self._of_topics: list[FunctionSpec] = []
        self._of_step: list[FunctionSpec] = []

    def system(self, topics: Sequence[Topic]) -> str:
        """Who the agent is, its rules, how it speaks here, and what it knows about what was said."""
        project = self._project
        return _joined(
            self._render(project.personality, self._of_rules),
            self._render(project.role, self._of_rules),
            self._render(project.rules, self._of_rules),
            self._style(),
            self._language(),
            self._context(topics),
        )

    def closing(
        self,
        step: Step | None,
        instruction: str | None,
        entities: Mapping[str, CollectedEntity],
        entity_errors: str | None,
    ) -> list[str]:
        """What stands after the history: the instruction, and last of all the step."""
        texts = [instruction] if instruction else []
        if step is not None:
            prompts = self._tuning.prompts
            texts.append(
                _joined(
                    self._render(prompts.step_header or "", self._of_step),
                    self._render(step.prompt, self._of_step),
                    _collected(step, entities, entity_errors),
                    _STEP_OF_CONDITIONS if step.is_default and step.conditions else "",
                    self._render(prompts.step_footer or "", self._of_step),
                )
            )
        return [text for text in texts if text]

    def offered(self, step: Step | None, extra: Sequence[FunctionSpec]) -> list[FunctionSpec]:
        """The functions that this moment allows. Those that the newest result names are allowed everywhere."""
        if step is not None and step.is_default:
            return list(extra)
        with_topics = self._flow is None or self._tuning.llm.include_kb_functions_in_flows
        return [*self._of_step, *self._of_rules, *(self._of_topics if with_topics else ()), *extra]

    def _style(self) -> str:
        channel = self._values.channel
        spoken = is_channel(channel, "voice")
        style = (self._project.voice if spoken else self._project.chat).style_prompt
        decorators = [
            getattr(self._tuning.prompts, f"{kind}_decorator") for kind in _DECORATED if is_channel(channel, kind)
        ]
        return _joined(style, *(self._render(text or "", self._of_rules) for text in decorators))

    def _language(self) -> str:
        prompts = self._tuning.prompts
        foreign = "" if is_english(self._values.language) else prompts.non_english_system or _IN_LANGUAGE
        switching = prompts.language_switching_instructions or "" if len(self._project.languages) > 1 else ""
        available = ", ".join(language_name(code) for code in self._project.languages)
        return _joined(
            foreign.replace("{language_name}", language_name(self._values.language)),
            switching.replace("{available_languages}", available),
        )

    def _context(self, topics: Sequence[Topic]) -> str:
        if not self._project.topics:
            return ""
        prompts = self._tuning.prompts
        listed = "\n\n".join(self._topic(topic) for topic in topics) or _NO_TOPICS
        foreign = "" if is_english(self._values.language) else prompts.non_english_rag or ""
        return _joined(
            self._render(prompts.context_information_precursor or _PRECURSOR, self._of_rules),
            (prompts.context_information or _CONTEXT).replace("{topics_prompt}", listed),
            foreign.replace("{language_name}", language_name(self._values.language)),
        )

    def _topic(self, topic: Topic) -> str:
        lines = [f"faq_id: {topic.name}"]
        if topic.example_queries:
            lines += ["faq_example_questions:", *(f"- {query}" for query in topic.example_queries)]
        lines.append(f"faq_description: {self._render(topic.content, self._of_topics)}")
        if topic.actions.strip():
            lines.append(f"faq_instructions: {self._render(topic.actions, self._of_topics)}")
        return "\n".join(lines)

    def _render(self, text: str, named: list[FunctionSpec]) -> str:
        rendered = render(text, self._values, self._project, flow=self._flow)
        named += rendered.functions
        return rendered.text


def _collected(step: Step, entities: Mapping[str, CollectedEntity], errors: str | None) -> str:
    """The values this step collects, as far as they are known."""
    if not step.is_default or not step.extracted_entities:
        return ""
    lines = ["Values that this step collects:"]
    for name in step.extracted_entities:
        known = entities.get(name)
        lines.append(f"- {name}: {known.value if known is not None and known.valid else '(not given yet)'}")
    return _joined("\n".join(lines), errors or "")


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())
