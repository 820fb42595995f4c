"""Patients, prices, plans and the calendar, all invented: keep the functions, and let them ask your own systems."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CLINIC_ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Treatment:
    """Something the clinic does, with its one price."""

    name: str
    spoken: str
    spanish: str
    dollars: int
    by: str
    words: tuple[str, ...]


TREATMENTS = (
    Treatment("cleaning", "a cleaning", "una limpieza", 129, "Bea", ("cleaning", "clean", "hygienist", "limpieza")),
    Treatment("exam", "a check-up", "una revisión", 95, "Dr. Okafor", ("check-up", "checkup", "exam", "revisión")),
    Treatment("kids", "a children's check-up", "una revisión infantil", 85, "Dr. Lindqvist", ("child", "kid", "niñ")),
    Treatment("filling", "a filling", "un empaste", 185, "Dr. Wilk", ("filling", "cavity", "empaste")),
    Treatment("crown", "a crown", "una corona", 1150, "Dr. Ferrer", ("crown", "corona")),
    Treatment("root_canal", "a root canal", "una endodoncia", 890, "Dr. Ferrer", ("root canal", "endodoncia")),
    Treatment("extraction", "an extraction", "una extracción", 220, "Dr. Wilk", ("extraction", "pulled", "extracción")),
    Treatment("whitening", "whitening", "un blanqueamiento", 349, "Jonas", ("whitening", "blanqueamiento")),
)
ACCEPTED_PLANS = ("Delta Dental", "Cigna", "MetLife", "Aetna", "Guardian")
REFUSED_PLANS = ("Humana", "Ameritas", "DentaQuest")


@dataclass(frozen=True)
class Patient:
    """Somebody with a chart."""

    id: str
    full_name: str
    born: date
    phone: str

    @property
    def first_name(self) -> str:
        return self.full_name.split()[0]


@dataclass(frozen=True)
class Visit:
    """An appointment, or a free time that could become one."""

    treatment: str
    starts: datetime
    by: str


PATIENTS = (
    Patient("P-1001", "Nora Feld", date(1988, 4, 12), "+18605550111"),
    Patient("P-1002", "Samuel Ortiz", date(1975, 9, 30), "+18605550122"),
    Patient("P-1003", "Grace Lindholm", date(1993, 1, 5), "+18605550133"),
)
_VISITS = {"P-1001": ("cleaning", 4, time(10, 30)), "P-1002": ("crown", 6, time(14, 0))}
"""Treatment, in how many days, at what time: counted from today, so that the sample never grows old."""
_OPEN = {0: (8, 18), 1: (8, 18), 2: (8, 18), 3: (8, 18), 4: (8, 17), 5: (8, 13)}
"""Hours by weekday; Monday is 0."""


def now() -> datetime:
    """The time at the clinic."""
    return datetime.now(CLINIC_ZONE)


def find_by_phone(phone: str | None) -> Patient | None:
    """The patient whose number this is."""
    return next((patient for patient in PATIENTS if patient.phone == phone), None)


def find_by_name(full_name: str, born: date | None) -> Patient | None:
    """The patient with this name, whatever the case, and this birthday."""
    wanted = " ".join(full_name.lower().split())
    return next((each for each in PATIENTS if each.full_name.lower() == wanted and each.born == born), None)


def next_visit(patient: Patient, today: date) -> Visit | None:
    """The patient's appointment."""
    if patient.id not in _VISITS:
        return None
    treatment, days, at = _VISITS[patient.id]
    day = today + timedelta(days=days)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return Visit(treatment, datetime.combine(day, at, CLINIC_ZONE), treatment_named(treatment).by)


def treatment_named(words: str) -> Treatment | None:
    """The treatment that is meant, by its name or by any word people use for it."""
    said = words.lower().replace("_", " ")
    for treatment in TREATMENTS:
        if said == treatment.name.replace("_", " "):
            return treatment
    found = [each for each in TREATMENTS if any(word in said for word in each.words)]
    return max(found, key=lambda each: max(len(word) for word in each.words if word in said), default=None)


def is_open(moment: datetime) -> bool:
    """Whether somebody is at the front desk."""
    opens, closes = _OPEN.get(moment.weekday(), (0, 0))
    return opens <= moment.hour < closes


def free_times(treatment: str, first_day: date, part_of_day: str, *, count: int) -> list[Visit]:
    """The first free times from a day on, two a day at most; none where the clinic is closed at that time of day."""
    wanted = treatment_named(treatment)
    hours = {"morning": range(8, 12), "afternoon": range(12, 18), "any": range(8, 18)}.get(part_of_day, range(0))
    found: list[Visit] = []
    for offset in range(14):
        day = first_day + timedelta(days=offset)
        opens, closes = _OPEN.get(day.weekday(), (0, 0))
        starts = [datetime.combine(day, time(hour), CLINIC_ZONE) for hour in hours if opens <= hour < closes]
        free = [each for each in starts if each > now() and _is_free(each)]
        found += [Visit(wanted.name, each, wanted.by) for each in free[:2]]
        if len(found) >= count:
            break
    return found[:count]


def _is_free(starts: datetime) -> bool:
    return (starts.toordinal() * 7 + starts.hour * 5) % 3 != 0
