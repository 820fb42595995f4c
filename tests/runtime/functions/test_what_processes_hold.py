"""What a function finds around it, and what it does not."""

from __future__ import annotations

import json

import pytest
from tests.runtime.functions.workshop import Workshop, in_workshop, text_of

AROUND = """
import json, os, resource, sys

def around(conv):
    descriptors = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptors[name] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass
    return json.dumps({
        "environment": dict(os.environ),
        "descriptors": descriptors,
        "files": os.listdir(),
        "path": sys.path,
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "memory": resource.getrlimit(resource.RLIMIT_AS),
        "modules": [name for name in sys.modules if name.startswith("postcall.")],
    })
"""


@pytest.fixture(scope="module")
def around() -> dict[str, object]:
    """What a function sees of its process."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/root",
        "POSTCALL_ADMIN_KEY": "an-admin-key-that-is-secret",
        "POSTCALL_DATABASE_URL": "postgresql://user:password@127.0.0.1/postcall",
        "AWS_SECRET_ACCESS_KEY": "somebody-elses",
        "PGPASSWORD": "password",
        "TZ": "Europe/Berlin",
    }

    async def work(workshop: Workshop) -> str:
        return text_of(await workshop.run("around"))

    seen: dict[str, object] = json.loads(in_workshop({"around": AROUND}, work, environ=environ))
    return seen


def test_no_key_and_no_address_of_a_database_is_in_the_environment(around: dict[str, object]) -> None:
    environment = around["environment"]
    assert isinstance(environment, dict)
    assert set(environment) <= {"PATH", "TZ", "LC_CTYPE", "MALLOC_ARENA_MAX", "PYTHONUNBUFFERED", "TMPDIR"}
    assert environment["TZ"] == "Europe/Berlin"


def test_no_descriptor_of_the_server_is_open(around: dict[str, object]) -> None:
    descriptors = around["descriptors"]
    assert isinstance(descriptors, dict)
    held = sorted(target.split(":")[0].removesuffix(" (deleted)") for target in descriptors.values())
    assert held == ["/dev/null", "/memfd", "/memfd", "/memfd", "socket"]


def test_the_folder_is_empty_and_not_on_the_path(around: dict[str, object]) -> None:
    assert around["files"] == []
    path = around["path"]
    assert isinstance(path, list)
    assert "" not in path
    assert not any("postcall-functions" in entry for entry in path)


def test_memory_is_limited_and_no_core_is_dumped(around: dict[str, object]) -> None:
    assert around["core"] == [0, 0]
    assert around["memory"] == [1024 * 1024 * 1024] * 2


def test_the_record_is_not_even_imported(around: dict[str, object]) -> None:
    modules = around["modules"]
    assert isinstance(modules, list)
    parts = {module.split(".")[1] for module in modules}
    assert parts <= {"runtime", "domain"}
