"""What a caller's words mean, found by patterns."""

from __future__ import annotations

import re
from datetime import date

YES = r"\b(yes|yeah|yep|sure|ok(ay)?|please|fine|good|great|perfect|works|sí|si|claro|vale)\b"
NO = r"\b(no|nope|not|none|neither|don't|rather not|nada|ningun[oa])\b"
TREATMENTS = {
    "root canal": r"root canal|endodoncia",
    "children's check-up": r"\b(child|children|kids?|son|daughter|hij[oa]|niñ[oa]s?)\b",
    "cleaning": r"clean|hygienist|limpieza",
    "filling": r"filling|cavity|empaste",
    "crown": r"\bcrown|corona",
    "extraction": r"extraction|pulled|extracción",
    "whitening": r"whiten|blanque",
    "check-up": r"check-?\s?up|\bexam\b|\bx-?rays?\b|revisión",
}
DAYS = (
    ("monday", "lunes"), ("tuesday", "martes"), ("wednesday", "miércoles"), ("thursday", "jueves"),
    ("friday", "viernes"), ("saturday", "sábado"), ("sunday", "domingo"), ("tomorrow", "mañana"), ("today", "hoy"),
)  # fmt: skip
PARTS = {
    "morning": r"morning|before noon|por la mañana",
    "afternoon": r"afternoon|after lunch|tarde",
    "evening": r"evening|night|after work|noche",
}
INSURERS = ("Delta Dental", "Cigna", "MetLife", "Aetna", "Guardian", "Humana", "Ameritas", "DentaQuest")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
REASONS = {
    "work": r"work|shift|school|meeting|trabajo",
    "illness": r"\b(ill|sick|flu|fever|cold|covid|enferm[oa])\b",
    "travel": r"travel|trip|out of town|away|vacation|flight|viaje",
    "cost": r"expensive|afford|money|insurance|cost|caro",
    "better": r"better|stopped hurting|gone away|no longer hurts|mejor",
    "other": r"rather not|just because|no reason|personal|don't need|don't want|can't make it|otra cosa",
}


def has(text: str, pattern: str) -> bool:
    """Whether a pattern is in a text, whatever the case."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def treatment_in(text: str) -> str | None:
    """The treatment that is named."""
    return next((name for name, pattern in TREATMENTS.items() if has(text, pattern)), None)


def day_in(text: str) -> str | None:
    """The day that is named, as the agent's functions take it."""
    if found := re.search(r"\d{4}-\d{2}-\d{2}", text):
        return found[0]
    if has(text, r"next week|próxima semana"):
        return "monday"
    for names in DAYS:
        if any(has(text, rf"\b{name}\b") for name in names):
            return names[0]
    anyway = r"as soon as|soonest|earliest|whenever|any ?(day|time)|does ?n.t matter|cuanto antes|cualquier"
    return "any" if has(text, anyway) else None


def part_in(text: str) -> str:
    """The part of the day that is named."""
    return next((part for part, pattern in PARTS.items() if has(text, pattern)), "any")


def name_in(text: str, *, asked: bool) -> str | None:
    """A first and a last name; without an introduction only where it was asked for."""
    words = r"([A-Za-zÀ-ÿ'-]+ [A-Za-zÀ-ÿ'-]+)"
    found = re.search(rf"(?:my name is|this is|it's|it is|i'm|i am|me llamo|soy) {words}", text, re.IGNORECASE)
    if found is None and asked:
        found = re.search(rf"(?:^|[,.] *){words}(?=[,. ]|$)", text)
    return found[1].title() if found else None


def birthday_in(text: str) -> str | None:
    """A date of birth as YYYY-MM-DD."""
    if found := re.search(r"\b(\d{4})-(\d{2})-(\d{2})\b", text):
        year, month, day = map(int, found.groups())
    elif found := re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", text):
        month, day, year = map(int, found.groups())
    elif found := re.search(r"\b([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text, re.IGNORECASE):
        if found[1].lower() not in MONTHS:
            return None
        month, day, year = MONTHS.index(found[1].lower()) + 1, int(found[2]), int(found[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def phone_in(text: str) -> str | None:
    """A telephone number, in digits."""
    found = re.search(r"\+?\d[\d ().-]{5,}\d", text)
    return re.sub(r"\D", "", found[0]) if found else None
