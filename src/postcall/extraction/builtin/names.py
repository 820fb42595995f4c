"""People's names: `this is …`, the answer to "your name?", and names spelled out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postcall.extraction.builtin.dates import MONTHS, WEEKDAYS
from postcall.extraction.builtin.spelling import NATO, is_mostly_spelled
from postcall.extraction.builtin.text import STOP, words

_NAME = r"[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*\.?"
_INTRO = re.compile(
    rf"\b(?:my (?:full |first |last )?name(?:'s| is| was|:)?|(?:the |full |first )?name(?:'s| is|:)|i am called|"
    rf"call me|under (?:the name (?:of )?)|"
    rf"me llamo|mi nombre es|nazywam się|mam na imię|moje imię to|moje nazwisko to|booking (?:is )?under|(?:it's|"
    rf"its|it is|that's) under)\s+"
    rf"(?:is\s+|mr\.?\s+|mrs\.?\s+|ms\.?\s+|miss\s+|dr\.?\s+)?(?P<name>{_NAME}(?:\s+{_NAME}){{0,3}})",
    re.IGNORECASE,
)
_THIS_IS = re.compile(
    rf"(?:^|[.!?,;]\s*|\b(?:hi|hello|hey|yes|yeah|hola|um|uh|so)[\s,.!]+)(?:this is|it's|it is|i'm|i am|im|soy|"
    rf"habla|es|jestem|tu|z tej strony|mówi)\s+"
    rf"(?P<name>{_NAME}(?:\s+{_NAME}){{0,3}})",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"(?:^|[.!?,]\s*)(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})\s+(?:here|speaking|is my name|calling|is "
    r"the name)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:it'?s|it is|its|my name is|my name's|my names|name is|name'?s|the name is|the name's|this is|i'?m|i "
    r"am|im|sure|yes|yeah|yep|ok(?:ay)?|of course|"
    r"um+|uh+|er+|oh|hi|hello|hey|well|so|that'?s|that is|that would be|that'?ll be|call me|certainly|please|"
    r"absolutely|no problem|hmm+|right|alright|thanks?|thank you|"
    r"full name|name|mr|mrs|ms|miss|sir|soy|me llamo|mi nombre es|es|sí|claro|nazywam się|tak|to|jestem|moje imię|"
    r"i go by|the|first name|good (?:morning|afternoon|evening))\b[\s,.:!-]*)+",
    re.IGNORECASE,
)
_SAID_TWICE = re.compile(r"(?P<first>[^\W\d_]{2,})[\s,.-]+(?P<again>(?P=first)\b)", re.IGNORECASE)
_TOKEN = re.compile(rf"\s*(?P<token>{_NAME}|,)")
_NO_NAME = frozenset(
    words(
        """calling here there good great sure sorry about actually looking trying having going wondering interested not
    just also very really afraid hoping fine ok okay need needing want wanting ready happy unhappy angry upset
    confused done new sick ill hungry tired late lost stuck glad pleased right wrong because since from with what
    why when where how who regarding currently still at in on to for of by and or but so as is was are were be been
    can could would should will do does did yes no yeah nope please thanks thank hello hi hey it its it's that this
    those these my your his her our their a an the i i'd i'll i'm i've you he she they we me him us them never mind
    don't doesn't won't can't didn't isn't if then now today tomorrow tonight yesterday next last first second
    monday tuesday wednesday thursday friday saturday sunday same nothing something anything someone everyone name
    names number one two three four five six seven eight nine ten customer caller patient member user guest client
    speaking like would've got get getting give given let make made work working well all already back more most
    much many only other another any some than too soon time times day days week month year account appointment
    reservation booking table room hotel flight ticket order refund complaint emergency problem issue question help
    perfect correct fantastic wonderful awesome cool nice bad terrible ridiculous unacceptable urgent important
    possible available able using use used taking seeing seeking coming leaving moving staying planning thinking
    checking asking waiting running driving traveling travelling visiting paying writing reading living dad mom mum
    wife husband son daughter friend boss partner family doctor dr mr mrs ms sir madam miss um uh oh er ah hmm pero
    que por para con una un el la los las de y a en no sí si muy aquí llamo llamando llamada quiero quisiera
    necesito nie tak jest się na do od za po chcę dzwonię which had has have may might must shall also actually
    private confidential information why's what's there's ya y'all remember forget know think believe guess tell
    told said say unfortunately maybe perhaps honestly basically btw asap send sent transfer pay book cancel change
    fully booked scheduled confirmed only unintelligible inaudible"""
    )
)
_ALSO_NAMES = frozenset(
    {
        "may",
        "will",
        "my",
        "so",
        "an",
        "do",
        "de",
        "la",
        "le",
        "el",
        "los",
        "well",
        "more",
        "day",
        "price",
        "guest",
        "friend",
    }
)
"""Words that are family names too, when they follow a first name with a capital."""
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in a text."""

    value: str
    start: int
    end: int
    certain: float


_SMALL = re.compile(
    r"(?:^|\b(?:hi|hello|hey|yes|yeah|uh|um|so)\s+)(?:(?:this is|it's|its|i'm|i am|im|habla|"
    r"soy)\s+(?P<name>[^\W\d_]{2,} "
    r"[^\W\d_]{2,})(?=$|\s+(?:i|i've|i'd|i'm|i'll|im|my|and|from|here|calling|we|we've|you|can|could|just|the|um|uh|"
    r"so|about|"
    r"dr|your|is|do|how|what)\b)|(?P<here>[^\W\d_]{2,} [^\W\d_]{2,}) here\b)"
)
"""The same where the recogniser writes no capitals: only with both names, since small words are so many."""


def introduced(text: str) -> Name | None:
    """The name by which the speaker introduces themselves, if they do."""
    if text == text.lower():
        for match in _SMALL.finditer(text):
            group = "name" if match["name"] else "here"
            if all(is_name_word(word) for word in match[group].split()):
                return Name(_cased(match[group]), match.start(group), match.end(group), 0.65)
    for pattern, certain in ((_INTRO, 0.9), (_THIS_IS, 0.75), (_HERE, 0.75)):
        for match in pattern.finditer(text):
            name = _clean(text, match.start("name"), match.end("name"), capitals=pattern is not _INTRO)
            if name:
                return Name(name[0], name[1], name[2], certain)
    return None


def answered(text: str) -> Name | None:
    """The name in an answer to "your name?", where the whole turn may be nothing else, in small letters too."""
    given = introduced(text)
    if given and given.certain >= 0.9:
        return given
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    again = _SAID_TWICE.match(text, start)
    if again:  # `Leon, Leon Oakley`
        start = again.start("again")
    if is_mostly_spelled(text[start:]) and not re.match(r"[^\W\d_]{3,}\s*[,.:;]\s", text[start:]):
        return None
    end = start
    words = 0
    while words < 4:
        match = _TOKEN.match(text, end)
        if not match or match["token"] == ",":
            break
        low = match["token"].lower().strip(".'’")
        if (low in _NO_NAME or low in STOP) and not (words and low in _ALSO_NAMES and match["token"][0].isupper()):
            break
        end = match.end()
        words += 1
        if (
            match["token"].endswith(".")
            and match["token"].lower().rstrip(".") not in _TITLES
            and len(match["token"]) > 2
        ):
            break
    name = _clean(text, start, end, capitals=False)
    if name is None:
        return given
    return Name(name[0], name[1], name[2], 0.85 if words <= 3 else 0.5)


def _clean(text: str, start: int, end: int, *, capitals: bool) -> tuple[str, int, int] | None:
    """The name-like words from `start`, up to the first that is no name; with `capitals` all must have one."""
    kept: list[tuple[int, int]] = []
    for match in re.finditer(_NAME, text[start:end]):
        word = match.group().rstrip(".")
        low = word.lower().replace("’", "'")
        if (kept and _begins_date(low, text[start + match.end() :])) or (not kept and _is_acronym(word, text)):
            break
        also = bool(kept) and low in _ALSO_NAMES and word[0].isupper()
        if ((low in _NO_NAME or low in STOP) and not also) or (capitals and not word[0].isupper()):
            break
        if kept and not word[0].isupper() and text[kept[0][0]].isupper() and len(kept) >= 2:
            break
        kept.append((start + match.start(), start + match.start() + len(word)))
        if match.group().endswith(".") and len(word) > 2:
            break
    if not kept or kept[-1][1] - kept[0][0] < 2 or all(text[first:last].lower() in NATO for first, last in kept):
        return None
    first, last = kept[0][0], kept[-1][1]
    return _cased(text[first:last]), first, last


_DAY = re.compile(
    r"^\W*(?:the )?(?:\d|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|"
    r"\w+teenth|twent\w+|thirt\w+)",
    re.IGNORECASE,
)


def _begins_date(word: str, rest: str) -> bool:
    """A month behind a name begins the date of birth that was asked for with it, and is no family name."""
    return word in MONTHS and bool(_DAY.match(rest))


def _is_acronym(word: str, text: str) -> bool:
    """`PPO` in a text that is not written in capitals throughout is no name."""
    return len(word) > 1 and word.isupper() and any(char.islower() for char in text)


def behind(text: str, first: str) -> Name | None:
    """The whole name that begins with a known first name, as it stands in a text, in small letters too."""
    for match in re.finditer(rf"(?<![\w'’]){re.escape(first)}(?![\w'’])", text, re.IGNORECASE):
        name = _clean(text, match.start(), min(len(text), match.end() + 60), capitals=text != text.lower())
        if name is None:
            name = (text[match.start() : match.end()], match.start(), match.end())
        cut = re.match(r"[^,.;:!?\d]*", text[name[1] : name[2]])
        end = name[1] + (cut.end() if cut else 0)
        words = text[name[1] : end].split()
        most = 2 if text == text.lower() else 3
        if len(words) > most:
            places = [match.end() for match in re.finditer(r"\S+", text[name[1] : end])]
            end = name[1] + places[most - 1]
        value = text[name[1] : end].rstrip()
        if value:
            return Name(_cased(value), name[1], name[1] + len(value), 0.8)
    return None


_ALONE = re.compile(r"(?:^|[.!?]\s+)(?P<name>[A-Z][^\W\d_'’]+(?:[\s-][A-Z][\w'’]+){1,2})\s*(?=[.!,]|$)")


_LAST_FIRST = re.compile(r"\b(?P<last>[A-Z][^\W\d_'’]+)[,.]\s+(?P<name>[A-Z][^\W\d_]+\s+(?P=last))\b")


def in_passing(text: str) -> Name | None:
    """`for Brooks, Simone Brooks`; else two words with capitals that end what is said: `unit 21, Ellen Marks`."""
    twice = _LAST_FIRST.search(text)
    if twice:
        return Name(twice["name"], twice.start("name"), twice.end("name"), 0.8)
    tail = re.search(r"[,.]\s+(?P<name>[A-Z][^\W\d_]+ [A-Z][\w'’]+)[.!]?\s*$", text)
    if tail and all(is_name_word(word) for word in tail["name"].split()):
        return Name(tail["name"], tail.start("name"), tail.end("name"), 0.5)
    return None


def alone(text: str) -> Name | None:
    """A sentence that is nothing but a name, in an answer that begins with something else."""
    for match in _ALONE.finditer(text):
        if all(is_name_word(word) for word in match["name"].split()):
            return Name(match["name"], match.start("name"), match.end("name"), 0.65)
    return None


def before_last(text: str, last: str) -> Name | None:
    """The whole name that ends with a known family name."""
    match = re.search(rf"(?:(?P<first>{_NAME})\s+)?(?P<last>{re.escape(last)})(?![\w'’])", text, re.IGNORECASE)
    if match is None:
        return None
    first = match["first"]
    known = first and first.lower() not in _NO_NAME and first.lower() not in STOP and not first.endswith(".")
    start = match.start("first") if known else match.start("last")
    return Name(_cased(text[start : match.end()]), start, match.end(), 0.8)


def is_name_word(word: str) -> bool:
    """The word could be a name, not one of the words that people say instead."""
    low = word.lower().replace("’", "'")
    return low not in _NO_NAME and low not in STOP and low not in MONTHS and low not in WEEKDAYS


def _cased(name: str) -> str:
    """With capitals, where the recogniser wrote none."""
    return " ".join(
        part if any(char.isupper() for char in part) else part[:1].upper() + part[1:] for part in name.split()
    )
