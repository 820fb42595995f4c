"""How a project's modules find each other, and what becomes of those that cannot be imported."""

from __future__ import annotations

from dataclasses import replace

from tests.aside import run_aside
from tests.runtime.functions.workshop import QUICK, Workshop, in_workshop, kind_of, project_of, text_of

from postcall.runtime.functions.checking import check_imports
from postcall.runtime.protocol import BrokenModule, FunctionDone

WAYS = {
    "functions/helpers/__init__.py": "DEPTH = 1\n",
    "functions/helpers/prices.py": "from . import DEPTH\nfrom ..menu import MENU\nPRICE = len(MENU) + DEPTH\n",
    "menu": "MENU = ['rye', 'oat']\n\ndef menu(conv): pass\n",
    "shared.py": "WHO = 'the shop'\n",
    "flows/order/functions/take.py": """
        from _gen import *  # <AUTO GENERATED>
        from functions.menu import MENU
        from .confirm import confirm

        @func_description("Take an order.")
        def take(conv: Conversation, flow: Flow):
            from functions.helpers.prices import PRICE
            return f"{confirm()} {PRICE} {len(MENU)} {flow.current_step}"
        """,
    "flows/order/functions/confirm.py": "def confirm(*_):\n    return 'confirmed'\n",
    "flows/order/function_steps/enter.py": "ENTERED = True\n",
    "ways": """
        import plog
        import requests
        from imports import *
        import functions.menu
        from functions.order.confirm import confirm
        from functions.order.enter import ENTERED
        from flows.order.functions.confirm import confirm as same
        from flows.order.function_steps import enter
        from shared import WHO
        from .menu import MENU

        def ways(conv: Conversation):
            assert confirm is same and enter.ENTERED is ENTERED and functions.menu.MENU is MENU
            return WHO
        """,
    "old": "def old(conv: Conversation, number: int = 1):\n    return UserInput.__name__\n",
}


def test_every_way_to_import_finds_the_module_and_only_once() -> None:
    async def work(workshop: Workshop) -> list[str]:
        return [
            text_of(await workshop.run("ways")),
            text_of(await workshop.run("take", flow="Order")),
            text_of(await workshop.run("old")),
        ]

    assert in_workshop(WAYS, work) == ["the shop", "confirmed 3 2 ", "UserInput"]
    assert broken_in(WAYS) == []


def broken_in(files: dict[str, str]) -> list[BrokenModule]:
    return sorted(run_aside(check_imports(project_of(files), QUICK)), key=lambda broken: broken.module)


BROKEN = {
    "raises": "\n\nraise KeyError('x')\n",
    "misses": "import os\nfrom functions.works import nothing\n",
    "not_python": "def not_python(conv:\n    pass\n",
    "leaves": "raise SystemExit(3)\n",
    "exits": "import os\nos._exit(3)\n",
    "crashes": "import ctypes\nctypes.string_at(0)\n",
    "hangs": "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')\n",
    "needs_one_that_hangs": "import json\nfrom functions.hangs import hangs\n",
    "begins_threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n",
    "forks": "import os\nos.fork()\n\ndef forks(conv):\n    return 'forked'\n",
    "swallows_memory": "hoard = [bytes(1 << 26) for _ in range(1000)]\n",
    "no_package": "import there_is_no_such_package\n",
    "works": "def works(conv):\n    return 'works'\n",
}


def test_a_broken_module_disables_only_itself() -> None:
    async def work(workshop: Workshop) -> dict[str, FunctionDone]:
        return {name: await workshop.run(name) for name in BROKEN}

    done = in_workshop(BROKEN, work)
    assert {name for name, one in done.items() if one.failed is None} == {"works", "forks"}
    assert {kind_of(one) for one in done.values()} == {None, "unavailable"}
    failed = done["raises"].failed
    assert failed is not None
    assert failed.message == "functions/raises.py:3 cannot be imported: KeyError: 'x'"


def test_each_broken_module_is_named_with_its_line() -> None:
    found = {broken.module.removeprefix("functions."): (broken.line, broken.message) for broken in broken_in(BROKEN)}
    assert found.pop("not_python")[0] == 1
    assert found.pop("swallows_memory") == (1, "MemoryError")
    assert found == {
        "raises": (3, "KeyError: 'x'"),
        "misses": (2, "ImportError: cannot import name 'nothing' from 'functions.works' (functions/works.py)"),
        "leaves": (1, "SystemExit: 3"),
        "exits": (None, "functions.exits ends its process when it is imported: it exited with code 3"),
        "crashes": (None, "functions.crashes ends its process when it is imported: it crashed (SIGSEGV)"),
        "hangs": (None, "functions.hangs takes longer than 1 s to import"),
        "needs_one_that_hangs": (2, "functions.hangs takes longer than 1 s to import"),
        "begins_threads": (
            None,
            "functions.begins_threads leaves a thread running when it is imported; begin it in a function",
        ),
        "no_package": (1, "ModuleNotFoundError: No module named 'there_is_no_such_package'"),
    }


def test_a_trace_shows_the_projects_own_lines() -> None:
    async def work(workshop: Workshop) -> FunctionDone:
        return await workshop.run("fails")

    files = {
        "fails": "from functions.deeper import deeper\n\ndef fails(conv):\n    deeper(0)\n",
        "deeper": "def deeper(n):\n    return 1 / n  # the cause\n",
    }
    failed = in_workshop(files, work).failed
    assert failed is not None
    assert failed.message == "ZeroDivisionError: division by zero"
    assert 'File "functions/fails.py", line 4, in fails\n    deeper(0)' in failed.trace
    assert 'File "functions/deeper.py", line 2, in deeper\n    return 1 / n  # the cause' in failed.trace


def test_a_module_is_named_like_one_of_pythons_own_without_harm() -> None:
    async def work(workshop: Workshop) -> str:
        return text_of(await workshop.run("uses"))

    files = {
        "json.py": "raise RuntimeError('this is not json')\n",
        "random": "import random as same\nVALUE = 4\n\ndef random(conv): pass\n",
        "uses": "import json\nfrom functions.random import VALUE\n\ndef uses(conv):\n    return json.dumps(VALUE)\n",
    }
    assert in_workshop(files, work) == "4"


def test_versions_and_agents_do_not_see_each_others_modules() -> None:
    source = """
        import sys
        from functions.names import NAME

        DATA = []

        def tell(conv):
            DATA.append(NAME)
            mine = [name for name in sys.modules if name.startswith("functions.")]
            return f"{DATA} {sorted(mine)}"
        """

    async def work(workshop: Workshop) -> list[str]:
        version = Workshop(workshop.pools, project_of({"tell": source, "names": "NAME = 'two'\n"}), "two")
        agent = Workshop(
            workshop.pools, project_of({"tell": source, "names": "NAME = 'other'\n", "extra": ""}, project_id="b"), "b"
        )
        asked = [one.run("tell") for one in (workshop, version, agent, workshop, version)]
        return [text_of(await one) for one in asked]

    both = "['functions.names', 'functions.tell']"
    assert in_workshop({"tell": source, "names": "NAME = 'one'\n"}, work) == [
        f"['one'] {both}",
        f"['two'] {both}",
        "['other'] ['functions.extra', 'functions.names', 'functions.tell']",
        f"['one', 'one'] {both}",
        f"['two', 'two'] {both}",
    ]


def test_a_module_that_closes_every_descriptor_disables_only_itself() -> None:
    async def work(workshop: Workshop) -> tuple[FunctionDone, FunctionDone]:
        return await workshop.run("closes"), await workshop.run("works")

    closes, works = in_workshop(
        {"closes": "import os, time\nos.closerange(3, 64)\ntime.sleep(60)\n", "works": BROKEN["works"]}, work
    )
    assert text_of(works) == "works"
    assert closes.failed is not None
    assert "it closed descriptors that are not its own" in closes.failed.message


def test_a_project_that_cannot_be_started_is_an_answer_and_no_exception() -> None:
    async def work(workshop: Workshop) -> FunctionDone:
        return await workshop.run("works")

    done = in_workshop({"works": BROKEN["works"], "hangs": BROKEN["hangs"]}, work, limits=replace(QUICK, boot_s=0.4))
    assert done.failed is not None
    assert done.failed.kind == "unavailable"
    assert "importing took longer than 0.4 s" in done.failed.message
