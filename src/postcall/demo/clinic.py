"""The invented dental clinic that the sample calls are about: its hours, prices and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

DEMO_AGENT_SLUG = "harbor-lane-dental"
DEMO_AGENT_NAME = "Harbor Lane Dental"

CLINIC_ZONE = ZoneInfo("America/New_York")
"""The clinic's clock: opening hours, spoken dates and gold dates are in it."""
CLINIC_NUMBER = "+18605550100"
CLINIC_NUMBER_SPOKEN = "860-555-0100"

OPENING_HOURS: dict[int, tuple[time, time]] = {
    0: (time(8), time(18)),
    1: (time(8), time(18)),
    2: (time(8), time(18)),
    3: (time(8), time(18)),
    4: (time(8), time(17)),
    5: (time(8), time(13)),
}
"""By weekday, Monday is 0; closed on Sunday."""


def is_holiday(day: date) -> bool:
    """Whether the clinic is closed although it is a weekday."""
    is_thanksgiving = day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28
    return is_thanksgiving or (day.month, day.day) in {(1, 1), (7, 4), (12, 24), (12, 25)}


def is_open(day: date, at: time) -> bool:
    """Whether somebody is at the front desk."""
    hours = OPENING_HOURS.get(day.weekday())
    return hours is not None and not is_holiday(day) and hours[0] <= at < hours[1]


@dataclass(frozen=True, slots=True)
class Service:
    """Something the clinic does, with its one price."""

    spoken: str
    spanish: str
    dollars: int


SERVICES: dict[str, Service] = {
    "cleaning": Service("a cleaning", "una limpieza", 129),
    "exam": Service("a check-up", "una revisión", 95),
    "kids": Service("a children's check-up", "una revisión infantil", 85),
    "filling": Service("a filling", "un empaste", 185),
    "crown": Service("a crown", "una corona", 1150),
    "root_canal": Service("a root canal", "una endodoncia", 890),
    "extraction": Service("an extraction", "una extracción", 220),
    "whitening": Service("whitening", "un blanqueamiento", 349),
    "night_guard": Service("a night guard", "una férula", 420),
    "emergency": Service("an emergency exam", "una consulta de urgencia", 75),
    "aligners": Service("clear aligners", "alineadores", 3900),
    "late_fee": Service("the late cancellation fee", "el cargo por cancelación tardía", 50),
}

DENTISTS = ("Dr. Okafor", "Dr. Ferrer", "Dr. Wilk")
"""General dentists; Dr. Lindqvist sees the children."""
INSURERS = ("Delta Dental", "Cigna", "MetLife", "Aetna", "Guardian")
"""Whose plans the clinic takes."""
INSURERS_REFUSED = ("Humana", "Ameritas", "DentaQuest")

FIRST_NAMES = tuple(
    (
        "Alice Amir Angela Arjun Beatrice Ben Bridget Caleb Carla Cedric Chloe Colin Dana Darnell Deborah Dmitri Elaine "
        "Eli Esther Ethan Farah Fiona Frank Gemma Gloria Grant Hana Harold Helen Hugo Imani Irene Isaac Jada Janet Jerome "
        "Joan Joel Karen Kavya Keith Kenji Lamar Laura Leah Leon Linda Lorna Malik Marcus Margaret Mei Miriam Nadia Nathan "
        "Nina Noel Olive Omar Owen Patrice Paul Priya Quentin Rachel Ravi Renee Roger Rosa Ruth Samir Sandra Sean Sonia "
        "Stella Tamara Terrence Theo Tina Trevor Uma Vera Victor Wanda Wesley Yara Yusuf Zoe"
    ).split()
)
LAST_NAMES = tuple(
    (
        "Abbott Achebe Alvarado Banerjee Barlow Beckett Bianchi Boateng Brandt Caldwell Chaudhry Coleman Corrigan Dalton "
        "Desai Dubois Eastman Eriksen Fairchild Farouk Finnegan Galloway Goldberg Greer Hadley Haddad Hendricks Holloway "
        "Hughes Ibarra Jablonski Jennings Kaplan Kearney Kim Kowalski Lambert Langford Larkin Leclair Lombardi Maddox "
        "Mahoney Marchetti Mbeki McAllister Mendelson Nakamura Nguyen Norwood Oakley Okonkwo Olsen Osborne Pacheco Park "
        "Pemberton Petrov Pham Quigley Rafferty Ramsey Reinhardt Rossi Sandoval Schultz Sharma Sheffield Silva Sokolov "
        "Stanton Sutherland Tanaka Thibault Tran Underwood Vance Varga Vaughn Wakefield Walsh Whitaker Winslow Yamada "
        "Yates Zamora Zielinski"
    ).split()
)
SPANISH_FIRST_NAMES = tuple(
    (
        "Adriana Alejandro Beatriz Camila Carlos Daniela Diego Elena Emilio Esteban Gabriela Graciela Ignacio Isabel "
        "Javier Josefina Lucía Marisol Mateo Mercedes Pablo Pilar Ramiro Rocío Santiago Teresa Tomás Valeria Ximena Yolanda"
    ).split()
)
SPANISH_LAST_NAMES = tuple(
    (
        "Aguilar Becerra Cabrera Cárdenas Castañeda Delgado Escobar Espinoza Fuentes Gallegos Guerrero Herrera Ibáñez "
        "Jiménez Lozano Maldonado Montoya Navarro Núñez Ochoa Orozco Pineda Quintero Robles Salgado Trujillo Urbina "
        "Valdez Villalobos Zúñiga"
    ).split()
)
DAUGHTERS = (
    "Ava",
    "Bella",
    "Clara",
    "Ella",
    "Freya",
    "Grace",
    "Isla",
    "Josie",
    "Luna",
    "Maya",
    "Nora",
    "Penny",
    "Ruby",
)
SONS = ("Adam", "Beau", "Caspian", "Dominic", "Ezra", "Felix", "Gus", "Henry", "Jonah", "Levi", "Max", "Otis", "Toby")
AREA_CODES = ("860", "203", "475", "959", "401", "413", "914", "845", "508", "617", "774", "978")
"""With 555-01xx, numbers that are kept free for fiction."""
