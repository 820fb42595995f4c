"""What is said when nothing else can be: the model failed, or a function was stopped."""

from __future__ import annotations

FALLBACKS = {
    "en": "I'm sorry, something went wrong on my side. Could you say that again, please?",
    "de": "Entschuldigung, bei mir ist etwas schiefgegangen. Können Sie das bitte noch einmal sagen?",
    "es": "Lo siento, algo ha fallado por mi parte. ¿Puede repetirlo, por favor?",
    "fr": "Je suis désolé, un problème est survenu de mon côté. Pouvez-vous répéter, s'il vous plaît ?",
    "it": "Mi dispiace, qualcosa è andato storto da parte mia. Può ripetere, per favore?",
    "nl": "Sorry, er ging bij mij iets mis. Kunt u dat nog eens zeggen?",
    "pl": "Przepraszam, coś poszło nie tak po mojej stronie. Czy można prosić o powtórzenie?",
    "pt": "Desculpe, algo correu mal do meu lado. Pode repetir, por favor?",
}
"""By the language's first subtag."""


def fallback(language: str | None) -> str:
    """In this language; in English where we have none."""
    return FALLBACKS.get((language or "en").partition("-")[0].lower(), FALLBACKS["en"])
