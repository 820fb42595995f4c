"""Slips of the pen in questions: a word that nothing knows is taken for the one that it is nearly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from postcall.analyst.names.question_words import Word, join_pairs, key_of
from postcall.extraction.builtin.text import STOP, stem

_SHORTEST = 5
"""Letters of a word in which slips are looked for: shorter ones are near to too many others."""
_TWO_SLIPS = 9
"""Letters: in a word of so many there may be two slips."""


def put_right(words: Sequence[Word], known: Collection[str]) -> list[Word]:
    """The words, with those that are nearly a known one put right.

    A word is left alone where it is known, is English as far as we know, or is near to two words alike; the first
    letter is right in nearly every slip, and taking it for right keeps most other words from being changed.
    """
    keys = frozenset(map(key_of, known))
    return join_pairs([_put_right(word, known, keys) for word in words])


def _put_right(word: Word, known: Collection[str], keys: frozenset[str]) -> Word:
    if len(word.text) < _SHORTEST or not word.text.isalpha() or word.negates:
        return word
    if word.text in known or word.key in keys or is_common(word.text):
        return word
    meant = _nearest(word.text, known)
    if meant is None and word.text.endswith("s"):
        meant = _nearest(word.text[:-1], known)
    return word if meant is None else replace(word, text=meant, key=key_of(meant), typo=True)


def _nearest(word: str, known: Collection[str]) -> str | None:
    from rapidfuzz.distance import DamerauLevenshtein  # imported late: few questions have slips

    most = 2 if len(word) >= _TWO_SLIPS else 1
    near = [
        (DamerauLevenshtein.distance(word, each, score_cutoff=most), each)
        for each in known
        if each[0] == word[0] and abs(len(each) - len(word)) <= most and len(each) >= _SHORTEST
    ]
    near = sorted(pair for pair in near if pair[0] <= most)
    if not near or (len(near) > 1 and near[0][0] == near[1][0] and key_of(near[0][1]) != key_of(near[1][1])):
        return None
    return near[0][1]


def is_common(word: str) -> bool:
    """Whether a question of any business may hold it."""
    return word in STOP or word in _common() or stem(word) in _stems()


@cache
def _common() -> frozenset[str]:
    return frozenset(_OTHERS.split())


@cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem, _common()))


_OTHERS = """
ability able access action address adult advice agree alone already although always amount animal another answer apart
appear area arrive asking average baby back based beach become began begin behind believe better beyond block board body
born both bottom bought bread break bridge bright bring broken brother brought build built burn button camera canal
card care carry cast catch cause cent center century chair chance change charge cheap check child choice church city
claim class clean clear climb clock close cloud coach coast coffee cold color common compare complex contact content
contract control cook cool corner correct could count country couple course cover create credit cross crowd current
daily dance date daughter dead deal death debt decide deep degree deliver demand depend desk detail develop differ
dinner direct distance doctor dollar door double doubt down draw dream dress drink drive drop during each early earth
easy edge effect eight either else empty energy engine enjoy enough enter entire equal error even evening event exact
example expect explain eye face fact fair fall family famous farm fast father fault favor fear feel fell felt ferry
field fight figure file fill filling final find fine finger finish fire first fish five flat floor flower follow food
foot force foreign forest form former forward found four free fresh friend front fruit full fund game garden gave gift
girl given glass goal gold good grand grass great green ground group grow guess guest hair half hand happen happy hard
head health hear heart heat heavy held help herself high hill history hold hole home hope horse hospital hot hotel hour
house huge human hundred husband idea image impact inside instead interest issue item itself join judge jump just keep
kept kill kitchen knee knew know known lack lady land language large last late later latest laugh lawyer lead leader
learn least leave left legal less letter level light line link list listen little live local long look looking lose loss
lost love lower lunch machine mail main major make manage many mark market marking master match material matter maybe
mean meaning measure meat medical meet member memory mention metal method middle might mile milk million mind minute
miss mission model modern moment money month moon more morning most mother mouth move movie much music must name nation
nature near nearly need never news next nice night nine noise normal north note notice number occur offer office often
older open order other outside over owner page paint pair paper parent park parking part party pass past path patient
pattern peace pattern perhaps period pick picture piece place plan plane plant play point police policy poor popular
position possible pound power press pretty prevent prize problem process produce product program project promise proper
protect proud prove provide public pull purpose push quality quarter quick quickly quiet quite race radio rain raise
range rate rather reach read ready real really reason recent record reduce region relate remain remember remove repeat
reply report require research rest result return rich ride right ring rise risk river road rock role room round rule
running safe same save scene school science score season seat second secret seem sell send senior sense series serious
seven several shake shape share sharp shelf ship shirt shoe shoot shop short shot should shoulder show side sight sign
similar simple since single sister site size skill skin sleep slow small smile social soft soil soldier some song soon
sort sound source south space speak special speech speed spend sport spring staff stage stand star start state station
stay step still stock stone stop store storm story straight strange street strong student study stuff style subject
such sudden suffer suggest summer supply support sure surface system table talk task taste teach team tell tend term
test thank january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday average median trend weekly daily monthly befor lately
thick thing think third thought thousand three threw throw time tiny title today together tone tonight tool
tooth total touch tough toward tower town track trade train travel treat tree trial trip trouble truck true trust truth
turn twice under unit until upon upper usual valley value various very view village visit voice vote wait walk wall want
warm watch water weapon wear weather wedding week weight well west wheel where whether which while white whole whose
wide wife wild will wind window wine winter wish within without woman wonder wood word work worker world worry worse
worst worth would write wrong yard yeah young city cities live lives spoken speaks speaking develop developed
"""
"""Common words that a question may well hold; most questions are made of these and of the words of our own names."""
