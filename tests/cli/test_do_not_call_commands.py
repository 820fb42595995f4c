"""`postcall do-not-call`."""

from __future__ import annotations

from pathlib import Path

from tests.processes import run_cli


def test_numbers_are_added_listed_imported_and_removed(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "numbers.csv"
    assert run_cli(data, "agents", "create", "bistro").returncode == 0
    added = run_cli(data, "do-not-call", "add", "+1 415 555 0123", "--agent", "bistro")
    assert (added.returncode, added.stdout) == (0, "+14155550123 is not called any more\n"), added.stderr
    file.write_bytes("Phone;name\r\n+14155550123;Zoë\r\n+14155550124;\r\n".encode("utf-16"))
    imported = run_cli(data, "do-not-call", "import", str(file))
    assert imported.stdout == "2 added, 0 were there already\n", imported.stderr
    assert "1 more" in run_cli(data, "do-not-call", "list", "--limit", "2").stdout
    listed = run_cli(data, "do-not-call", "list", "--search", "0124").stdout
    assert "+14155550124" in listed and "upload" in listed and "+14155550123" not in listed
    removed = run_cli(data, "do-not-call", "remove", "+14155550123")
    assert removed.stdout == "+14155550123 may be called again\n"
    again = run_cli(data, "do-not-call", "remove", "+14155550123")
    assert (again.returncode, again.stderr) == (1, "postcall: +14155550123 is not on the list\n")


def test_a_file_with_a_wrong_row_is_refused_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("phoneNumber\n+14155550123\nnobody\n")
    done = run_cli(tmp_path / "data", "do-not-call", "import", str(file))
    assert done.returncode == 1 and "line 3: 'nobody' is not a phone number" in done.stderr
    assert not (tmp_path / "data").exists()
