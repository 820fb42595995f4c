"""Which language is spoken, by the commonest words and the letters of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_WORDS = {
    "en": 
        "the of and to is it my i you i'm i'd for would like that this yes please have what can do not with on are "
        "be at name hello thanks thank need january february "
    
        "march april may june july august september october november december first second third double hey how was "
        "your we from st nd rd th",
    "es": 
        "el la los las de que y en un una es por para con no sí mi me su quiero necesito hola gracias buenos días "
        "tengo cita soy está muy pero cuando cómo "
    
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre favor señor señora "
        "llamo nombre",
    "pl": 
        "nie jest to się na do w z że tak dzień dobry proszę dziękuję ja mam chcę jak co za po od dla ale czy mi "
        "moje imię nazwisko roku stycznia lutego marca kwietnia maja czerwca "
    
        "lipca sierpnia września października listopada grudnia styczeń luty marzec kwiecień maj czerwiec lipiec "
        "sierpień wrzesień październik listopad grudzień "
    
        "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć pierwszego drugiego trzeciego pierwszy drugi "
        "trzeci tysiąc",
    "fr": 
        "le la les de des et est je vous un une pas que pour dans bonjour merci oui non avec mon ma s'il plaît "
        "voudrais suis c'est nous",
    "de": 
        "der die das und ist ich sie nicht ein eine zu mit auf für guten tag danke bitte ja nein möchte habe mein "
        "wir wie haben einen",
    "it": "il lo la gli di che e è un una per con non sono vorrei buongiorno grazie sì mi mio ho prego ciao",
    "pt": 
        "o a os as de que e é um uma para com não sim eu meu obrigado obrigada bom dia quero preciso você por favor "
        "está",
    "nl": "de het een en is ik niet van voor met goedendag dank graag hebben mijn wil zijn",
}  # fmt: skip
_LETTERS = {
    "pl": re.compile(r"[ąęłśźżćń]|\b\w+(?:ski|ska|cki|icz|owy|ego|ych)\b|sz|cz|rz", re.IGNORECASE),
    "es": re.compile(r"[ñ¿¡]|ción\b"),
    "de": re.compile(r"[äöüß]"),
    "fr": re.compile(r"[èêçœà]|\bqu'|\bj'|\bl'"),
    "pt": re.compile(r"[ãõ]|ção\b"),
}
_NAMES = {
    "en": "english anglais inglés englisch angielski eng",
    "es": "spanish español espanol castellano hiszpański spa", "pl": "polish polski polaco pol",
    "fr": "french français francais fra fre", "de": "german deutsch deu ger", "it": "italian italiano ita",
    "pt": "portuguese português portugues por",
    "nl": "dutch nederlands nld",
}  # fmt: skip


@cache
def code_of(choice: str) -> str | None:
    """The language that a choice names (`en`, `English`, `en-GB`, `español`), if any."""
    word = re.split(r"[-_ (]", choice.strip().lower())[0]
    if word in _NAMES:
        return word
    return next((code for code, names in _NAMES.items() if word in names.split()), None)


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in _WORDS.items()}


def scores(texts: Iterable[str]) -> dict[str, float]:
    """How much the words and letters of the texts speak for each language."""
    found = dict.fromkeys(_WORDS, 0.0)
    for text in texts:
        words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower())
        for code, vocabulary in _vocabulary().items():
            found[code] += sum(1.0 for word in words if len(word) > 1 and word in vocabulary)
        for code, letters in _LETTERS.items():
            found[code] += 0.8 * len(letters.findall(text))
    return found
