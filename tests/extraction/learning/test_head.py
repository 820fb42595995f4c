"""Heads as bytes: what is read is what was written, and nothing that is read can run."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.extraction.learning.workshop import REASON, learn_about, workshop_calls

from postcall.extraction.learning.digest import question_digest
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.head import Head, HeadUnreadable, dump_head, load_head, predict

MAGIC = b"postcall head\n"


@cache
def a_head() -> Head:
    head = learn_about(REASON, workshop_calls(80)).head
    assert head is not None
    return head


def repacked(change: dict[str, object], *, arrays: bytes | None = None) -> bytes:
    """The bytes of a head with another header."""
    plain = zlib.decompress(dump_head(a_head())[len(MAGIC) :])
    size = int.from_bytes(plain[:4], "little")
    header = json.dumps(json.loads(plain[4 : 4 + size]) | change).encode()
    rest = plain[4 + size :] if arrays is None else arrays
    return MAGIC + zlib.compress(len(header).to_bytes(4, "little") + header + rest)


def test_a_head_that_was_read_answers_as_the_one_that_was_written() -> None:
    written = a_head()
    read = load_head(dump_head(written))
    for call in workshop_calls(20, seed=3):
        features = read_features(call.transcript)
        one, other = predict(read, features), predict(written, features)
        assert one is not None
        assert other is not None
        assert (one.value, one.confidence, one.leanings) == (other.value, other.confidence, other.leanings)
    assert dump_head(read) == dump_head(written)


def test_a_pickle_is_not_a_head() -> None:
    class Boom:
        def __reduce__(self) -> tuple[object, tuple[str, ...]]:
            return (pytest.fail, ("a head ran code",))

    for content in (pickle.dumps(Boom()), MAGIC + zlib.compress(pickle.dumps(Boom())), MAGIC + pickle.dumps(Boom())):
        with pytest.raises(HeadUnreadable):
            load_head(content)


def test_answering_needs_neither_scikit_learn_nor_scipy(tmp_path: Path) -> None:
    (tmp_path / "head").write_bytes(dump_head(a_head()))
    script = """
import sys
from pathlib import Path
from postcall.domain.calls import Role, Turn
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.head import load_head, predict
said = predict(load_head(Path(sys.argv[1]).read_bytes()), read_features((Turn(Role.USER, "my brakes hardly grip"),)))
print(said.value, sorted({name.split(".")[0] for name in sys.modules} & {"sklearn", "scipy", "joblib"}))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "head")], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "brakes []"


@pytest.mark.parametrize(
    "change",
    [
        {"features": 0},
        {"values": ["puncture"]},
        {"values": ["a", "b", "c", "d", "e"]},
        {"terms": []},
        {"terms": [["tyre"]] * 8},
        {"temperature": 0},
        {"temperature": "1"},
        {"learned_from": None},
    ],
)
def test_a_head_whose_parts_do_not_fit_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(HeadUnreadable):
        load_head(repacked(change))


def test_a_head_with_numbers_that_are_none_is_refused() -> None:
    plain = zlib.decompress(dump_head(a_head())[len(MAGIC) :])
    size = int.from_bytes(plain[:4], "little")
    nans = np.full((len(plain) - 4 - size) // 2, np.nan, np.float16).tobytes()
    with pytest.raises(HeadUnreadable, match="finite"):
        load_head(repacked({}, arrays=nans))


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(content: bytes) -> None:
    for each in (content, MAGIC + content, MAGIC + zlib.compress(content)):
        with pytest.raises(HeadUnreadable):
            load_head(each)


@given(st.integers(min_value=0))
def test_a_head_that_was_cut_off_is_refused(at: int) -> None:
    whole = dump_head(a_head())
    with pytest.raises(HeadUnreadable):
        load_head(whole[: at % len(whole)])


def test_another_wording_or_choice_is_another_question() -> None:
    digests = {
        question_digest(each)
        for each in (
            REASON,
            replace(REASON, prompt=REASON.prompt + "?"),
            replace(REASON, identifier="why"),
            replace(REASON, choices=(*REASON.choices, "other")),
            replace(REASON, choices=REASON.choices[::-1]),
        )
    }
    assert len(digests) == 5
    assert question_digest(REASON) == question_digest(replace(REASON))


def test_a_head_is_small() -> None:
    assert len(dump_head(a_head())) < 400_000
