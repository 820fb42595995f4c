"""Words that say little about what a sentence is about, in the languages that callers mostly speak.

Other languages go without: there a word's rarity among the topics has to do.
"""

from __future__ import annotations

from typing import Final

_FILLING: Final = 0.15
_ASKING: Final = 0.4
"""Question words and numbers tell a little: "when" is about times."""

_ENGLISH = """
a an the is are was were be been being am i me my mine you your yours we our us it its this that these those there
their they them he she his her of to in on at for from with by as and or but if so do does did done doing can could
will would shall should may might must have has had having not no yes yeah please just about any some want wanted
wants like get getting got know tell help hi hello hey okay ok oh uh um thanks thank well let lets go going gonna
trying try able need needed also then than now here too very really s t m d ll ve re don didn doesn can isn im ive id
something anything someone question questions ask asking calling call called wondering
"""
_ENGLISH_ASKING = "what when where who why how which whose whats whens wheres whos hows"
_SPANISH = """
el la los las un una unos unas de del al a y o u e que en es son ser estar esta estan estoy mi mis tu tus su sus por
para con sin no si me te lo le les se yo usted nosotros quiero quisiera puedo puede podria necesito hola gracias favor
muy mas pero hay tengo tiene tienen algo algun alguna
"""
_SPANISH_ASKING = "como cuando donde cual cuales quien cuanto cuanta cuantos cuantas"
_FRENCH = """
le la les un une des de du d l au aux a et ou que qu qui en est sont suis etre mon ma mes votre vos ton ta tes notre
nos pour par avec sans ne n pas si me m je j il elle on nous vous ils se s ce c cette ces ai as avez avons aimerais
voudrais veux peux peut pouvez besoin bonjour merci plus tres mais y
"""
_FRENCH_ASKING = "comment quand quel quelle quels quelles pourquoi combien"
_GERMAN = """
der die das den dem des ein eine einen einem einer und oder zu zum zur in im am an auf aus bei von vom mit fur ist sind
bin war sein mein meine meinen ihr ihre ihren ich sie wir es er du nicht kein keine kann konnen mochte will brauche habe
haben hat bitte danke hallo auch noch aber dass
"""
_GERMAN_ASKING = "wie wann wo was wer wem wen warum welche welcher welches wieviel"
_PORTUGUESE = "o os um uma uns umas do da dos das em no na nos nas e para com nao meu minha seu sua eu voce quero posso"
_ITALIAN = "il lo gli uno di del della dei delle e che in non mio mia suo sua io lei vorrei posso per con sono ho"
_DUTCH = "de het een en van in op te is zijn ik je u mijn uw niet met voor dat die kan wil heb graag"
_NUMBERS = "zero one two three four five six seven eight nine ten twenty thirty forty fifty hundred thousand"

_WEIGHTS: Final[dict[str, float]] = {
    **dict.fromkeys(" ".join((_ENGLISH, _SPANISH, _FRENCH, _GERMAN, _PORTUGUESE, _ITALIAN, _DUTCH)).split(), _FILLING),
    **dict.fromkeys(
        " ".join((_ENGLISH_ASKING, _SPANISH_ASKING, _FRENCH_ASKING, _GERMAN_ASKING, _NUMBERS)).split(), _ASKING
    ),
}


def weight_of(word: str) -> float:
    """How much a word (plain, as `said_words` has it) tells, from 0 to 1."""
    return _WEIGHTS.get(word, 1.0 if not word.isdigit() else _ASKING)
