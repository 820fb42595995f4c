"""What a question asks for: its subject, its choices and their descriptions, its fallback and its conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from postcall.domain.calls import Role
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.builtin.choice_text import Explained, evidence_of, find_explanations
from postcall.extraction.builtin.text import STOP, content, fold, identifier_words, stem, tokenise

_OPTIONS = re.compile(
    r"\b(?:options|choices|possible values|allowed values|values|one of|choose from|choose between|pick from|"
    r"answer with)"
    r"\s*(?:are|is)?\s*[:=]?\s*[\[(]?\s*(?P<list>[^.\n\])]+)",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_QUOTED = r"['\"“”‘’`]?(?P<value>[\w][\w /&'-]{0,40}?)['\"“”‘’`]?"
_UNSAID = (
    r"(?:if|when|where|unless|should)\s+(?:(?:it|this|that|he|she|they|there|the\s+\w+|no|none|nothing|one|"
    r"any)\s+){0,3}"
    r"(?:(?:is|are|was|were|be|has|have|had|does|do|did|been|can|could)\s*)?(?:not|n't|never|no|none|nothing|"
    r"unclear|unknown|"
    r"unmentioned|unsure|absent|missing|mentioned|given|said|stated|provided|otherwise)"
)
_FALLBACKS = (
    re.compile(
        rf"\b(?:return|answer|respond|reply|write|use|put|say|give|output|enter|state|set)\s+(?:with\s+|"
        rf"as\s+)?{_QUOTED}\s*,?\s+"
        rf"{_UNSAID}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_UNSAID}[^.;]{{0,60}}?[,:]?\s*(?:then\s+)?(?:return|answer|respond|reply|write|use|put|say|give|output|"
        rf"enter|set)"
        rf"\s+(?:with\s+|as\s+|it\s+as\s+)?{_QUOTED}(?=$|[.;,)\n])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:otherwise|else)\s*,?\s*(?:return|answer|say|use|write|put)?\s*{_QUOTED}(?=$|[.;,)\n])", re.IGNORECASE
    ),
    re.compile(
        rf"(?:^|[.;,(]\s*){_QUOTED}\s+if\s+(?:it\s+(?:is|was)\s+)?(?:not|never|none|nothing|unclear|unknown|no\b)",
        re.IGNORECASE,
    ),
)
_NULL = frozenset({"null", "none", "nil", "nothing", "no value", "empty", "blank", "n a", "an empty string"})
_PRONOUNS = frozenset({"it", "so", "this", "that", "one", "them", "him", "her", "any", "their name", "the name"})
"""`if they never say it` names nothing to answer."""
_GATED = re.compile(
    r"\b(?:null|none|empty|blank|nothing|unknown|n/?a)\s+(?:if|when|unless)\b[^.;]*\b(?:book|confirm|schedul|"
    r"reserv|made|complet|"
    r"purchas|order|transfer|happen|took place|success)\w*|"
    r"\b(?:if|when|unless)\s+(?:nothing|no\s+\w+|none)\s+(?:was|were|is|has been|got)\s+\w+[^.;]*\b(?:null|none|"
    r"empty|blank)\b|\b(?:only|just) (?:an? |the |one )?\w+ (?:that|which) (?:was|is|has been|were) (?:really |"
    r"actually |finally )?"
    r"(?:agreed|booked|arranged|confirmed|set|made)\b|\bif (?:one|any|it|an? \w+) (?:was|is|were|has been) "
    r"(?:actually |finally )?"
    r"(?:booked|arranged|scheduled|agreed|made|set)\b",
    re.IGNORECASE,
)
_DONE_SUBJECT = re.compile(
    r"\b(?:confirmed|agreed on|agreed upon|arranged|booked|reserved|scheduled|purchased|completed|transferred|"
    r"rescheduled|(?:was|"
    r"were)\s+(?:the\s+)?(?:\w+\s+){0,4}"
    r"(?:booked|made|confirmed|reserved|scheduled|transferred|bought|ordered|paid|sent))\b",
    re.IGNORECASE,
)
_FALLBACK_CHOICES = (
    "unknown",
    "not mentioned",
    "not stated",
    "not specified",
    "not provided",
    "unspecified",
    "unclear",
    "undetermined",
    "not applicable",
    "n a",
    "na",
    "none",
    "no mention",
    "other",
    "others",
    "other reason",
    "something else",
    "general",
    "general inquiry",
    "general enquiry",
    "misc",
    "miscellaneous",
    "not sure",
    "none of the above",
    "desconocido",
    "otro",
    "otra",
    "ninguno",
    "nieznany",
    "inne",
)
_USER_WORDS = re.compile(
    r"\b(?:caller|customer|user|client|patient|guest|passenger|buyer|member|prospect|lead|tenant|subscriber|"
    r"borrower|applicant|"
    r"cliente|usuario|paciente|klient|pacjent)s?\b",
    re.IGNORECASE,
)
_TO_SOMEONE = re.compile(
    r"\b(?:to|for|of) (?:the |a )?(?:caller|customer|user|client|patient|guest|agent)\b(?!')", re.IGNORECASE
)
"""Somebody who is given something is not the one whose words are asked about."""
_AGENT_WORDS = re.compile(
    r"\b(?:agent|assistant|bot|representative|rep|operator|receptionist|advisor|agente|konsultant)s?\b", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"\b(?:takes?|took|taking|happen(?:s|ed)?|held|recorded|reference|today|as of|now|dated?|current)\b[^.]{0,40}?"
    r"(?P<date>\d{4}-\d{2}-\d{2})",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"day[\s/-]*(?:first|month)|dd?[/.-]mm?|european|british", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"month[\s/-]*(?:first|day)|mm?[/.-]dd?|\bus (?:format|date)|american", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that an answer may take, with the words that stand for it."""

    value: str
    words: tuple[str, ...]
    """Stems of the value itself."""
    description: tuple[str, ...]
    """Stems of what the prompt says about it; empty where it says nothing."""
    description_text: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A disposition metric, read."""

    metric: DispositionMetric
    text: str
    """The prompt without the descriptions of choices."""
    words: tuple[str, ...]
    """Stems of the prompt and the identifier that could be evidence."""
    names: tuple[str, ...]
    """Words of the identifier."""
    choices: tuple[Choice, ...]
    fallback: str | None
    """What to answer where the transcript does not say; None: `unknown`."""
    gated: bool
    """It asks about something that was done; there is no answer unless it was."""
    about: Role | None
    """Whose words or deeds are asked about; None where the prompt names neither side or both."""
    reference: date | None
    """A day that the prompt fixes as that of the conversation."""
    day_first: bool | None
    """How the prompt says that written dates are ordered; None where it does not."""

    @property
    def core(self) -> str:
        """The identifier's words and the question itself, without the instructions that follow it."""
        asked = _PARENTHESES.sub(" ", self.text.split("?")[0])
        return f"{' '.join(self.names)}. {asked}"

    @property
    def identifier(self) -> str:
        return self.metric.identifier

    @property
    def type(self) -> QuestionType:
        return self.metric.type

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether the prompt or the identifier's words match."""
        return bool(pattern.search(self.text)) or bool(pattern.search(" ".join(self.names)))


@lru_cache(maxsize=2_048)
def read_question(metric: DispositionMetric) -> Question:
    """Read one question; the same question is read once for all calls."""
    names = identifier_words(metric.identifier)
    values = metric.choices or _options_in(metric.prompt)
    explained = find_explanations(metric.prompt, values)
    text = _without_descriptions(metric.prompt, values, explained)
    sides = _TO_SOMEONE.sub(" ", text)
    mention_user, mention_agent = _USER_WORDS.search(sides), _AGENT_WORDS.search(sides)
    return Question(
        metric=metric,
        text=text,
        words=tuple(dict.fromkeys((*content(text), *(stem(name) for name in names if name not in STOP)))),
        names=names,
        choices=tuple(_choice(value, explained) for value in values),
        fallback=_fallback(metric, values),
        gated=bool(_GATED.search(text if values else metric.prompt))
        or (metric.type not in (QuestionType.BOOLEAN,) and not values and bool(_DONE_SUBJECT.search(text))),
        about=_about(mention_user, mention_agent),
        reference=_reference(metric.prompt),
        day_first=_day_first(metric.prompt),
    )


def _about(user: re.Match[str] | None, agent: re.Match[str] | None) -> Role | None:
    if user and (not agent or user.start() < agent.start()):
        return Role.USER
    return Role.AGENT if agent else None


def _reference(prompt: str) -> date | None:
    match = _REFERENCE.search(prompt)
    if not match:
        return None
    try:
        return date.fromisoformat(match["date"])
    except ValueError:
        return None


def _day_first(prompt: str) -> bool | None:
    if _DAY_FIRST.search(prompt):
        return True
    return False if _MONTH_FIRST.search(prompt) else None


def _options_in(prompt: str) -> tuple[str, ...]:
    """The list behind `Options:`, for a question that carries no choices of its own."""
    match = _OPTIONS.search(prompt)
    if not match:
        return ()
    parts = re.split(r"\s*[,;|/]\s*(?:or\s+|and\s+)?|\s+or\s+", match["list"])
    values = [part.strip(" \t'\"“”‘’`*-") for part in parts]
    kept = [value for value in values if value and len(value) <= 40 and len(value.split()) <= 5]
    explicit = ":" in match.group() or "[" in match.group()
    return tuple(dict.fromkeys(kept)) if len(kept) >= 2 and explicit else ()


def _choice(value: str, explained: tuple[Explained, ...]) -> Choice:
    described = " ".join(each.text for each in explained if value in each.values)
    words = tuple(dict.fromkeys(stem(word) for word in identifier_words(value)))
    return Choice(value, words, tuple(dict.fromkeys(content(evidence_of(described)))), described)


def _without_descriptions(prompt: str, values: tuple[str, ...], explained: tuple[Explained, ...]) -> str:
    for each in reversed(explained):
        prompt = f"{prompt[: each.start]} {prompt[each.end :]}"
    match = _OPTIONS.search(prompt) if values else None
    if match and ":" in match.group():
        prompt = prompt.replace(match.group(), " ")
    return " ".join(re.sub(r"\([\s;,.]*\)", " ", prompt).split())


def _fallback(metric: DispositionMetric, values: tuple[str, ...]) -> str | None:
    for pattern in _FALLBACKS:
        match = pattern.search(metric.prompt)
        if match:
            value = match["value"].strip()
            if fold(value) in _PRONOUNS:
                continue
            if fold(value) in _NULL and not _choice_named(value, values):
                return None
            named = _choice_named(value, values)
            if named is not None:
                return named
            if not values and _fits(metric.type, value):
                return value
    for name in _FALLBACK_CHOICES:
        chosen = _choice_named(name, values)
        if chosen is not None:
            return chosen
    return None


def _choice_named(name: str, values: tuple[str, ...]) -> str | None:
    return next((value for value in values if fold(value) == fold(name)), None)


def _fits(kind: QuestionType, value: str) -> bool:
    if kind is QuestionType.INTEGER:
        return re.fullmatch(r"-?\d+|zero", value) is not None
    if kind is QuestionType.BOOLEAN:
        return fold(value) in {"true", "false", "yes", "no"}
    return kind is not QuestionType.DATETIME and len(tokenise(value)) <= 5
