"""A folder or a zip gives the files of a project and nothing else, however it was made."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from tests.runtime.project_builder import a_project

from postcall.errors import BadInput, NotAProject
from postcall.runtime.projects.archive import digest_of, pack, unpack
from postcall.runtime.projects.folder import LARGEST_FILE, MOST_FILES, read_folder


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    return folder


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return target.getvalue()


def test_a_folder_gives_the_files_that_count(tmp_path: Path) -> None:
    files = a_project()
    noise = {
        "_gen/__init__.py": b"",
        ".git/config": b"",
        "functions/__pycache__/x.pyc": b"",
        "functions/.hidden.py": b"",
        "functions/photo.png": b"",
        "tests/test_x.py": b"",
        "context/notes.md": b"",
        "README.md": b"",
    }
    assert read_folder(lay_out(tmp_path, {**files, **noise})) == files


def test_a_folder_without_project_yaml_is_refused_before_it_is_searched(tmp_path: Path) -> None:
    with pytest.raises(NotAProject, match=r"has no project\.yaml"):
        read_folder(lay_out(tmp_path, {"functions/x.py": b""}))
    with pytest.raises(NotAProject, match="is no folder"):
        read_folder(tmp_path / "nothing")


def test_links_that_lead_outside_are_passed_over(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("KEY = 1")
    folder = lay_out(tmp_path / "project", a_project())
    (folder / "functions" / "stolen.py").symlink_to(secret)
    (folder / "functions" / "again.py").symlink_to(folder / "functions" / "start_order.py")
    (folder / "topics" / "everything").symlink_to(tmp_path)
    (folder / "functions" / "gone.py").symlink_to(tmp_path / "nowhere.py")
    os.mkfifo(folder / "functions" / "pipe.py")
    assert set(read_folder(folder)) == {*a_project(), "functions/again.py"}


def test_too_large_and_too_many_files_are_refused(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, a_project({"topics/huge.yaml": b"x" * (LARGEST_FILE + 1)}))
    with pytest.raises(BadInput, match=r"topics/huge\.yaml has 2,000,001 bytes"):
        read_folder(folder)
    with pytest.raises(BadInput, match=r"has 4,\d+ files"):
        unpack(zipped({**a_project(), **{f"functions/f{n}.py": b"" for n in range(MOST_FILES)}}))


def test_a_zip_is_read_with_or_without_a_folder_around_it() -> None:
    files = a_project()
    assert unpack(zipped(files)) == files
    assert unpack(zipped({f"bakery-main/{file}": content for file, content in files.items()})) == files
    assert unpack(zipped({**files, "photo.png": b"x" * 10_000_000})) == files


@pytest.mark.parametrize(
    "path", ["../evil.py", "functions/../../evil.py", "/etc/evil.py", "a\\..\\..\\evil.py", "C:/evil.py"]
)
def test_a_zip_with_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(BadInput, match="which leads out of it"):
        unpack(zipped({**a_project(), path: b""}))


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zipped({**a_project(), "functions/zeros.py": b"\0" * 100_000_000})
    assert len(bomb) < 200_000
    with pytest.raises(BadInput, match=r"functions/zeros\.py unpacks to more than 2,000,000 bytes"):
        unpack(bomb)
    many = zipped({**a_project(), **{f"functions/f{n}.py": b"\0" * 1_900_000 for n in range(20)}})
    with pytest.raises(BadInput, match="the project unpacks to more than 20,000,000 bytes"):
        unpack(many)


def test_a_body_that_is_no_zip_is_refused() -> None:
    good = zipped(a_project())
    for content in (b"", b"hello", good[:-30], good[:40] + b"\xff" * 40 + good[80:]):
        with pytest.raises(BadInput):
            unpack(content)
    with pytest.raises(BadInput, match="packed in a way"):
        unpack(zipped(a_project(), method=zipfile.ZIP_LZMA))


def test_the_digest_is_of_paths_and_contents_alone() -> None:
    files = a_project()
    assert digest_of(files) == digest_of(unpack(zipped(files))) == digest_of(unpack(pack(files)))
    assert digest_of(files) != digest_of({**files, "functions/x.py": b""})
    assert digest_of({"a": b"bc"}) != digest_of({"ab": b"c"})
