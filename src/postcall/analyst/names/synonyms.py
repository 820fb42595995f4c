"""How people speak of what every call has: the usual words for fields, and for their values.

A line is `name = value: phrases`, or `name: phrases` where only the name is meant; phrases are parted by `|`. A number
before a phrase says how sure it is (0.9 where there is none); `>` means that its words must stand in this order and
next to one another, `=` that they must be spelled just so. All is about calls in general; nothing is written for the
calls of one business.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from postcall.domain.calls import JsonScalar

_LINES: Final = """
handoff = true: handoff | 0.92 > handoff to a human | 0.92 > handoff to a person | 0.92 > handoff to somebody
    | 0.92 > handoff to someone | 0.92 > handoff to an agent | 0.92 > handoff to a colleague | 0.92 > handoff to staff
    | 0.85 forwarded | > put through
    | > passed to | > passed on | 0.8 > connected to a person
    | 0.8 > ended with a person | 0.8 > went to a person | 0.8 > reached a person | 0.8 > sent to a person
handoff_destination: handoff destination | 0.92 > handoff to | > where handoff | > where are calls handoff
    | > where were calls handoff
    | > where do calls get handoff | > who handoff to
    | 0.92 handoff target | 0.92 > where are they handoff | > whom handoff | handoff department | handoff team
handoff_reason: handoff reason | 0.93 > why handoff | 0.93 > why are calls handoff | 0.93 > why were calls handoff
    | 0.93 > why do calls get handoff | 0.93 > why are callers handoff
    | 0.93 > why were callers handoff | > reasons for handoff
disconnection_reason: disconnection reason | disconnect reason | > end reason | > how calls ended | > how calls end
    | > ways calls end | hangup reason | > how did calls end | > how do calls end | > ending of calls
disconnection_reason = user_hangup: hangup | user hangup | caller hangup | customer hangup | 0.85 abandoned
    | > disconnected by the caller | > disconnected by the user | > ended by the caller | > caller disconnected
    | > dropped off | > ended by the caller | > gave up | > rang off | 0.7 > dropped calls
disconnection_reason = agent_hangup: agent hangup | bot hangup | > we hangup | > ended by the agent
    | > disconnected by the agent | > disconnected by the bot | > agent disconnected
    | > agent ended | assistant hangup
disconnection_reason = timeout: > timed out | timeout | > time out | > went silent
disconnection_reason = voicemail: voicemail | > answering machine
disconnection_reason = error: 0.85 > ended in an error | 0.85 > ended with an error | > technical error | crashed
    | 0.7 error
disconnection_reason: 0.6 disconnected
status: > call status | 0.75 status
status = completed: 0.8 > completed calls | 0.8 > calls completed
status = no_answer: > no answer | unanswered | > nobody answered | > not answered | > did not answer
    | > didn't answer | > did not pick up | > didn't pick up | > nobody picked up | > no one answered | > not reached
    | > no one picked up | > never answered
    | 0.85 > missed calls | 0.85 > calls missed | 0.85 > calls we missed | 0.85 > calls did we miss
    | 0.85 > calls have we missed | 0.85 > missed a call | 0.85 > missed call | 0.85 > missed any calls
status = busy: 0.85 busy | > engaged line | > line was engaged
status = failed: 0.8 > failed calls | 0.8 > calls that failed
status = cancelled: 0.8 > cancelled calls
status = in_progress: > in progress | > calls going on | > ongoing calls | > running calls
channel: channel
channel = voice: phone | > phone call | voice | telephone | > by phone | > over the phone | > voice call
channel = webchat: webchat | > website chat | 0.88 chat | > online chat | > on the website | > web conversation
channel = sms: sms | > text message | 0.8 = texts | > by text | 0.8 texted | 0.7 texting | > text conversation
direction: direction
direction = inbound: inbound | incoming | 0.7 > called us | 0.8 > received calls | 0.8 > calls received
    | 0.8 > calls we received
direction = outbound: outbound | outgoing | > we called | > we made | 0.85 > placed by us | 0.8 dialled
    | 0.8 > calls we placed
environment: environment
environment = sandbox: sandbox | > test calls
environment = pre-release: > pre release | prerelease | staging
agent: > by agent | > per agent | > each agent | > which agent | > across agents | > between agents | > every agent
    | = agents | 0.8 = bots | > by bot | > which bot | > per bot
version: version | release
variant: variant | > a b test | > test arm | > test variant | > test group
language: language | tongue
duration: duration | > call duration | > duration of calls | > call length | length | > handle time | > handling time
    | > talk time | > talking time | AHT
    | > time spent | > long calls | 0.85 longest | 0.85 shortest | 0.85 longer | 0.85 shorter | 0.85 lengthy
    | > how long | > call time | 0.8 > take the longest | 0.8 > last longer | 0.8 > took more | 0.8 > lasted | lasting
    | > how many minutes | > how many seconds | > how many hours | > total minutes | > minutes in total
    | > total time | > total hours | > number of minutes | > number of seconds | > minutes on calls | > minutes of talk
    | 0.8 > briefest | 0.7 > short calls | > time on calls | > time on the phone | > minutes of calls | > take longest
    | > minutes did we spend | > hours did we spend | > time did we spend | 0.7 > takes longer | > call minutes
latency: latency | > response time | > answer time | > answering time | > reaction time | 0.9 > response speed
    | > how fast does the agent | > how quickly does the agent | > time to answer | > time to respond
    | > slow to answer | > slow to respond | > respond fast | > answer speed
turns: turns | utterances | > number of turns | > conversation length in turns | > messages per call | > call turns
user_turns: > user turns | > caller turns | > turns of the caller | > customer turns | > turns by the caller
    | > turns of the user | > caller utterances | > user utterances | > times the caller spoke
agent_turns: > agent turns | > turns of the agent | > bot turns | > turns by the agent | > agent utterances
    | > times the agent spoke | > assistant turns
cost: cost | spend | > carrier charges | > call charges | price of calls | > price of a call
campaign: campaign
attempt: attempt | > tries
from_number: > phone numbers called us | > phone number | > caller number | > calling number | > caller id
    | > numbers called | > from number
    | > numbers called us | > telephone number | > caller's number
to_number: > number called | > number dialled | > dialled number | > called number | > our numbers | > line called
user_number: > unique callers | > distinct callers | > different callers | > different people | > unique people
    | > distinct people | > user number | > individual callers | > customers' numbers | > unique customers
    | > different customers | > unique users | > customer number | > unique phone numbers
    | 0.85 > how many people in all
weekday: weekday | > day of the week | > days of the week | > week day
hour: > hour of day | > hour of the day | > time of day | > hours of the day | 0.7 > by hour | > which hour
extracted: extracted | analysed | 0.5 > questions answered
placed: > placed by postcall | > calls placed
started_at: > start time | > started at
"""

LANGUAGES: Final = {
    "ar": "arabic", "bg": "bulgarian", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish castilian", "et": "estonian", "fa": "persian farsi", "fi": "finnish",
    "fil": "filipino tagalog", "fr": "french", "he": "hebrew", "hi": "hindi", "hr": "croatian", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "ja": "japanese", "ko": "korean", "lt": "lithuanian", "lv": "latvian",
    "ms": "malay", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sk": "slovak", "sl": "slovenian", "so": "somali", "sr": "serbian",
    "sv": "swedish", "th": "thai", "tl": "tagalog", "tr": "turkish", "uk": "ukrainian", "ur": "urdu",
    "vi": "vietnamese", "zh": "chinese mandarin cantonese",
}  # fmt: skip
"""Names in English by the first part of a BCP 47 tag."""

_TEXTS_SENT: Final = (
    "0.92 texts sent | 0.92 text sent | 0.92 text message sent | 0.92 > texts have we sent"
    " | 0.92 > texts did we send | 0.92 > sent a text | 0.92 > got a text | 0.92 > texts went out"
)
OF_BOOLEANS: Final = {
    "contained": "contained | containment | > self served | > self service | > without a human | > without a person"
    " | > handled by the agent alone | > resolved by the bot | > stayed with the agent | deflected",
    "do not call": "> not to be called | > not be called | > opt out | unsubscribe | > stop calling | > off the list"
    " | > never call | > not call again | > opted out | > removed from the list",
    "asked human": "> real person | > speak to a person | > talk to a person | > speak to somebody"
    " | > demanded a person"
    " | > wanted a person | > request a human | > requested a human | > want a human | > human requested"
    " | > speak to a human | > talk to a human | > request a person | > wanted a human | > ask for a person"
    " | > ask to speak | > speak with a human | > talk to somebody | > human agent",
    "verified": "authenticated | authentication | > identified | > identity check | > pass the identity check",
    "repeat caller": "> called twice | > call twice | > called more than once | > called several times"
    " | > called us again | > called us twice | > called repeatedly | > called many times | > rang twice | > rang again"
    " | > called again | > called before | > calling back | > repeat calls | > returning callers",
    "after hours": "> outside opening hours | > outside office hours | > out of hours | > while closed"
    " | > while we are closed | > outside business hours | > when we are closed",
    "abuse": "0.85 insulted | 0.85 insulting | 0.85 swore | 0.85 swearing | 0.85 abusive",
    "abusive": "0.85 insulted | 0.85 insulting | 0.85 swore | 0.85 swearing | 0.85 abuse",
    "price objection": "> too expensive | > too costly | > too dear | > price too high",
    **dict.fromkeys(("sms sent", "text sent"), _TEXTS_SENT),
    "callback requested": "> asked to be called back | > wanted a call back | > asked for a call back"
    " | > want to be called back | > wanted to be called back | > wish to be called back",
}
"""By the words of a flag's name: how else its being true is spoken of."""

OF_NUMBERS: Final = {"sms sent": _TEXTS_SENT, "text sent": _TEXTS_SENT}
"""By the words of a number's name, as those of flags."""

_WHY_THEY_CALL: Final = (
    "> people call about | > callers call about | > customers call about | > calls are about | > call about mostly"
    " | > call about most | > why do people call | > why people call | > why do callers call | > why are people calling"
    " | > reason for calling | > reasons for calling | > why callers call | > why do customers call | > call for mostly"
    " | > people calling about | > callers calling about | > reason for the call | > what are calls about"
    " | > why are callers calling | > call us about | > why they call | > what were calls about | > why customers call"
    " | > type of call | > kind of call | > sort of call | > call type | > category of call | > nature of the call"
)
OF_NAMES: Final = {
    **dict.fromkeys(("call reason", "topic", "contact reason", "call topic", "subject", "reason"), _WHY_THEY_CALL),
    "intent": "> callers want | > people want | > customers want | 0.7 wishes",
    "outcome": "0.88 result | 0.88 > how calls end | 0.88 > how do calls end | 0.88 > how did calls end"
    " | 0.88 > how calls ended | 0.88 > how did the call end",
    "sentiment": "mood | feeling | > callers feel | > customers feel | > people feel",
    "insurance provider": "insurer | > insurance company | > insurance carrier | > insurance plan",
}
"""By the words of a text's name: how else the name is spoken of."""

MOODS: Final = {
    "positive": "happy | pleased | satisfied | glad | grateful | content | delighted",
    "negative": "unhappy | dissatisfied | upset | angry | annoyed | frustrated | disappointed | furious | irritated",
    "neutral": "indifferent | 0.7 > matter of fact",
}
"""By the value: how else a mood is spoken of."""


class Synonym(NamedTuple):
    """A phrase that means a field, or one of its values."""

    phrase: str
    name: str
    value: JsonScalar
    has_value: bool
    weight: float
    in_order: bool
    exactly: bool


def field_synonyms() -> tuple[Synonym, ...]:
    """All of the table above."""
    found = []
    for line in _LINES.strip().replace("\n    ", " ").splitlines():
        head, _, phrases = line.partition(": ")
        name, _, raw = head.partition(" = ")
        value: JsonScalar = True if raw == "true" else raw or None
        for phrase, weight, in_order, exactly in read_phrases(phrases):
            found.append(Synonym(phrase, f"field.{name}", value, bool(raw), weight, in_order, exactly))
    return tuple(found)


def read_phrases(text: str) -> list[tuple[str, float, bool, bool]]:
    """Each phrase with its weight, whether its words must stand in order, and whether just as they are spelled."""
    found = []
    for raw in text.split("|"):
        phrase, weight = raw.strip(), 0.9
        first, _, rest = phrase.partition(" ")
        if first.replace(".", "").isdigit() and rest:
            phrase, weight = rest, float(first)
        found.append((phrase.lstrip(">= "), weight, phrase.startswith((">", "=")), phrase.startswith("=")))
    return found
