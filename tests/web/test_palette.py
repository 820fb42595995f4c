"""The colours of charts: seen on both surfaces, and told apart also by colour-blind people."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from postcall.web.render import STATIC_FOLDER

Colour = npt.NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB; and normal sight.
SIGHTS = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
# Ottosson 2020, OKLab.
TO_CONES = [[0.412221, 0.536333, 0.051446], [0.211903, 0.6807, 0.107397], [0.088302, 0.281719, 0.629979]]
TO_LAB = [
    [0.21045426, 0.79361779, -0.00407205],
    [1.9779985, -2.42859221, 0.45059371],
    [0.02590404, 0.78277177, -0.80867577],
]
JUST_SEEN = 0.02
"""In OKLab; ours are at least four times as far apart."""


def read_colours(scheme: str) -> dict[str, Colour]:
    """The custom properties of one scheme that are colours, as linear RGB."""
    sheet = (STATIC_FOLDER / "postcall.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    named = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light if scheme == "light" else light + dark)
    return {name: linear(value) for name, value in named}


def linear(value: str) -> Colour:
    digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
    channels = np.array([int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted(float(colour @ np.array([0.2126, 0.7152, 0.0722])) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def seen_as(colour: Colour, sight: str) -> Colour:
    cones = np.array(TO_CONES) @ np.clip(np.array(SIGHTS[sight]) @ colour, 0, 1)
    lab: Colour = np.array(TO_LAB) @ np.cbrt(np.clip(cones, 0, None))
    return lab


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_the_palette_stands_out_from_the_surface(scheme: str) -> None:
    colours = read_colours(scheme)
    for place in range(8):
        assert contrast(colours[f"c{place}"], colours["surface"]) >= 3, place


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_colours_of_the_palette_look_alike(scheme: str, sight: str) -> None:
    colours = read_colours(scheme)
    seen = [seen_as(colours[f"c{place}"], sight) for place in range(8)]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) >= 4 * JUST_SEEN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_are_legible_on_what_they_stand_on(scheme: str) -> None:
    colours = read_colours(scheme)
    grounds = ("page", "surface", "raised", "lit")
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in grounds]
    pairs += [(tone, f"{tone}-on") for tone in ("good", "waiting", "bad")]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-mark", "mark-lit")]
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
