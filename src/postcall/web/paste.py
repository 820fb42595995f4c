"""Reads a transcript that somebody pasted: lines such as `Agent: …` and `Caller: …`, or one JSON array of turns.

A role is never guessed. A line whose speaker is not known is refused with its number, since a wrong guess would turn
every answer around.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from postcall.domain.calls import Role, Transcript, Turn
from postcall.errors import BadInput

MAX_TURNS = 10_000

_AGENT = """agent, assistant, virtual assistant, ai, ai agent, bot, voicebot, voice bot, chatbot, robot, ivr, a, rep,
representative, service representative, csr, operator, advisor, adviser, support, support agent, receptionist,
front desk, host, attendant, associate, staff, employee, dispatcher, model, agente, asistente, operador, operadora,
recepcionista, berater, mitarbeiter, assistent, conseiller, conseillère"""
_USER = """user, caller, customer, client, c, u, b, human, person, patient, guest, visitor, shopper, buyer, consumer,
member, subscriber, passenger, tenant, borrower, debtor, lead, prospect, contact, callee, cliente, usuario, usuaria,
paciente, llamante, kunde, kundin, anrufer, anruferin, appelant, utilisateur"""
_ROLES = {
    name: role
    for names, role in ((_AGENT, Role.AGENT), (_USER, Role.USER))
    for name in re.split(r",\s+", names.replace("\n", " "))
}

_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?"
_DATE = r"\d{4}-\d{2}-\d{2}[T ]"
_STAMP = re.compile(
    rf"[\[(<]?\s*(?:{_DATE})?(?P<clock>{_CLOCK})(?:Z|[+-]\d{{2}}:?\d{{2}})?"
    rf"(?:\s*(?:-->|->|[-–—])\s*{_CLOCK})?\s*[\])>]?\s*(?:[-–—|:,]\s+)?"
)
_LABEL = re.compile(
    r"(?P<open>[*_]{0,2})(?P<name>[^\W\d_](?:[^\W\d_]|[ .'’/-]){0,30}?)(?:\s*#?\d{1,3}(?!\d|:\d{2}))?"
    rf"(?:\s*[(\[](?P<aside>[^)\]]{{1,40}})[)\]])?(?:\s+(?P<clock>{_CLOCK}))?\s*(?P=open)?\s*[:：]\s*(?P=open)?(?P<rest>.*)",
    re.DOTALL,
)
_NAME = re.compile(r"(?:[^\W\d_][\w.'’-]*)(?: [^\W\d_][\w.'’-]*)?")


@dataclass
class _Utterance:
    """A turn whose lines are still being read."""

    role: Role
    line: int
    start_s: float | None
    lines: list[str] = field(default_factory=list)


def read_paste(text: str) -> Transcript:
    """The turns, or BadInput that names the line (or the turn of a JSON array) and what is wrong with it."""
    if not text.strip():
        raise _wrong("paste a transcript first: a line for each turn, such as 'Agent: Hello' and 'Caller: Hi'")
    turns = _read_json(text) if re.match(r"\s*\[\s*(?:\{|\])", text) else _read_lines(text)
    if len(turns) > MAX_TURNS:
        raise _wrong(f"the transcript has {len(turns):,} turns; at most {MAX_TURNS:,} can be read here")
    return turns


def role_of(label: str) -> Role | None:
    """Who a speaker's label stands for; None where it is not known."""
    plain = re.sub(r"[\s_-]+", " ", re.sub(r"[\d#*.]+", " ", label)).strip().casefold()
    return _ROLES.get(plain)


def _read_lines(text: str) -> Transcript:
    said: list[_Utterance] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().lstrip("\ufeff")
        if not stripped:
            continue
        begun = _begin(stripped, number)
        if begun is not None:
            said.append(begun)
        elif said:
            said[-1].lines.append(stripped)
        else:
            raise _wrong(f"line {number} names no speaker; begin it with 'Agent:' or 'Caller:'")
    _check_clocks(said)
    return tuple(_finish(each) for each in said)


def _begin(line: str, number: int) -> _Utterance | None:
    """The turn that this line begins; None where it goes on with the one before."""
    stamp = _STAMP.match(line)
    rest = line[stamp.end() :] if stamp else line
    label = _LABEL.match(rest)
    if label is None:
        return None
    clock = label["clock"] or _clock_in(label["aside"]) or (stamp["clock"] if stamp else None)
    role = role_of(label["name"]) or role_of(label["aside"] or "")
    if role is None:
        if _looks_like_speaker(label["name"], stamped=stamp is not None):
            raise _wrong(f"line {number}: who is {label['name']!r}? Write 'Agent:' or 'Caller:' before each turn")
        return None
    return _Utterance(role, number, _seconds(clock) if clock else None, [label["rest"].strip()])


def _looks_like_speaker(name: str, *, stamped: bool) -> bool:
    """A name, rather than the beginning of a sentence with a colon in it."""
    if not _NAME.fullmatch(name):
        return False
    return stamped or all(word[0].isupper() for word in name.split())


def _clock_in(aside: str | None) -> str | None:
    found = re.fullmatch(_CLOCK, aside.strip()) if aside else None
    return found[0] if found else None


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _check_clocks(said: list[_Utterance]) -> None:
    last: float | None = None
    for each in said:
        if each.start_s is None:
            continue
        if last is not None and each.start_s < last:
            raise _wrong(f"line {each.line}: time runs backwards here")
        last = each.start_s


def _finish(said: _Utterance) -> Turn:
    text = "\n".join(line for line in said.lines if line)
    if not text:
        raise _wrong(f"line {said.line}: nothing is said in this turn")
    return Turn(said.role, text, said.start_s)


def _read_json(text: str) -> Transcript:
    try:
        turns = msgspec.json.decode(text.strip().encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"this begins like a JSON array of turns, but it is not JSON: {error}") from None
    if not turns:
        raise _wrong("the JSON array has no turns")
    return tuple(_json_turn(turn, index) for index, turn in enumerate(turns))


def _json_turn(turn: object, index: int) -> Turn:
    if not isinstance(turn, dict):
        raise _wrong(f"turn {index}: must be an object with role and text")
    label, text = turn.get("role", turn.get("speaker")), turn.get("text", turn.get("content"))
    if not isinstance(label, str):
        raise _wrong(f"turn {index}: role is missing; it is 'agent' or 'user'")
    if not isinstance(text, str) or not text.strip():
        raise _wrong(f"turn {index}: text is missing or empty")
    role = role_of(label)
    if role is None:
        raise _wrong(f"turn {index}: who is {label!r}? The role must be 'agent' or 'user'")
    start_s = turn.get("start_s")
    return Turn(role, text, float(start_s) if isinstance(start_s, int | float) and start_s >= 0 else None)


def _wrong(message: str) -> BadInput:
    return BadInput(message[:1].upper() + message[1:], field="transcript")
