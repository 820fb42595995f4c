"""Sealing: what was sealed opens under its key, for its agent and name, unchanged; and nothing else does."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.configure.sealing import Sealer, new_key
from postcall.errors import SecretsUnreadable, SettingsError

NOWHERE = Path("/nonexistent/secrets-key")
OLD, NEW = new_key(), new_key()
SOME = Sealer(NEW, NOWHERE)


@given(
    agent_pk=st.integers(1, 2**40),
    name=st.text(min_size=1, max_size=20),
    value=st.text(alphabet=st.characters(codec="utf-8"), min_size=1)
    | st.dictionaries(st.text(alphabet=st.characters(codec="utf-8"), max_size=5), st.integers(-9, 9), min_size=1),
)
def test_what_was_sealed_opens_as_it_was(agent_pk: int, name: str, value: object) -> None:
    name = name.encode("utf-8", "replace").decode()
    sealed = SOME.seal(agent_pk, name, value)  # type: ignore[arg-type]
    assert SOME.open(agent_pk, name, sealed) == value


def test_the_value_is_nowhere_in_what_is_stored_and_no_two_are_alike() -> None:
    first, second = SOME.seal(1, "A", "hunter22-hunter22"), SOME.seal(1, "A", "hunter22-hunter22")
    assert b"hunter22" not in first and first != second


def test_a_row_of_another_agent_or_name_does_not_open() -> None:
    sealed = SOME.seal(1, "A", "hunter22")
    for agent_pk, name in ((2, "A"), (1, "B"), (11, "")):
        with pytest.raises(SecretsUnreadable):
            SOME.open(agent_pk, name, sealed)


@given(place=st.integers(0, 200), change=st.integers(1, 255))
def test_a_row_that_was_changed_or_cut_does_not_open(place: int, change: int) -> None:
    sealed = bytearray(SOME.seal(1, "A", "hunter22"))
    place %= len(sealed)
    with pytest.raises(SecretsUnreadable):
        SOME.open(1, "A", bytes(sealed[:place]))
    sealed[place] ^= change
    with pytest.raises(SecretsUnreadable):
        SOME.open(1, "A", bytes(sealed))


def test_another_key_is_told_by_name_without_garbage() -> None:
    sealed = Sealer(OLD, NOWHERE).seal(1, "A", "hunter22")
    with pytest.raises(SecretsUnreadable) as refused:
        SOME.open(1, "A", sealed)
    assert isinstance(refused.value, SettingsError)
    assert "'A'" in refused.value.message and "POSTCALL_SECRETS_KEY" in refused.value.message


def test_with_several_keys_the_newest_seals_and_all_open() -> None:
    older = Sealer(OLD, NOWHERE)
    both = Sealer(f"{NEW}, {OLD}", NOWHERE)
    sealed = older.seal(1, "A", "hunter22")
    assert both.open(1, "A", sealed) == "hunter22"
    assert both.is_outdated(sealed)
    renewed = both.seal(1, "A", "hunter22")
    assert not both.is_outdated(renewed)
    assert SOME.open(1, "A", renewed) == "hunter22"


@pytest.mark.parametrize(
    "keys",
    ["short", "", ",", base64.b64encode(b"x" * 31).decode(), f"{NEW},nonsense"],
    ids=["short", "empty", "a comma", "31 bytes", "one and nonsense"],
)
def test_a_key_that_is_none_stops_the_start_and_is_not_repeated(keys: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Sealer(keys, NOWHERE)
    assert "POSTCALL_SECRETS_KEY" in refused.value.message
    assert NEW not in refused.value.message and "nonsense" not in refused.value.message


def test_the_key_file_is_made_with_the_first_secret_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "secrets-key"
    sealer = Sealer(None, file)
    assert not file.exists()
    sealed = sealer.seal(1, "A", "hunter22")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Sealer(None, file).open(1, "A", sealed) == "hunter22"
    assert [each.name for each in file.parent.iterdir()] == ["secrets-key"], "nothing is left beside it"


def test_without_its_key_file_a_secret_does_not_open_and_no_new_key_is_made(tmp_path: Path) -> None:
    sealed = Sealer(None, tmp_path / "one").seal(1, "A", "hunter22")
    with pytest.raises(SecretsUnreadable):
        Sealer(None, tmp_path / "two").open(1, "A", sealed)
    assert not (tmp_path / "two").exists()


def test_several_processes_that_need_a_key_at_once_agree_on_one(tmp_path: Path) -> None:
    sealers = [Sealer(None, tmp_path / "secrets-key") for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        sealed = list(threads.map(lambda sealer: sealer.seal(1, "A", "hunter22"), sealers))
    for sealer in sealers:
        assert {sealer.open(1, "A", each) for each in sealed} == {"hunter22"}
