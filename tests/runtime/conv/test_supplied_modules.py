"""The modules that a project imports without having them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from postcall.runtime.conv.modules import star_names, supplied_modules
from postcall.runtime.conv.state import State

IMPORTS = """
from _gen import *
from _gen import Conversation, Flow, ElevenLabsVoice, EnumConfig
from _gen.conversation import State, MetricEvent
from _gen.value_extraction_types import DateConfig
from _gen.integrations.available_integrations.opentable import OpenTable
import _gen.sms
import imports
import plog
import log
from polyai.voice import CartesiaVoice, XaiVoice
from polyai.webchat import ChatCallAction
from polyai.attachments import Attachment
from plog import tmp_bind

log.info

@func_description("Books.")
@func_parameter("room", "Which.")
@func_latency_control(delay_before_responses_start=1, delay_responses=[("Wait.", 2)], randomize=True)
@plog.tmp_bind(api="crm")
def book(conv: Conversation, flow: Flow, room: str) -> "PhoneNumberConfig":
    return room
"""


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in supplied_modules().items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("importable")
def test_every_form_of_import_that_projects_use() -> None:
    names: dict[str, Any] = {}
    exec(IMPORTS, names)
    assert names["State"] is State
    assert names["book"](None, None, "blue") == "blue"
    assert names["EnumConfig"](allowed_vals={"a"}).entity_type == "enum"
    assert names["imports"].Conversation is names["Conversation"]


@pytest.mark.usefixtures("importable")
def test_what_nobody_published_is_an_import_error() -> None:
    with pytest.raises(ImportError):
        exec("from _gen import Nothing", {})


def test_newer_names_are_there_too() -> None:
    newer = {"XaiVoice", "GradiumVoice", "HamsaVoice", "GoogleGeminiVoice", "PromptLLMCallLimitError"}
    assert newer | {"ChatCompletionError", "Destination"} <= set(star_names())


def test_names_that_need_pydantic_are_left_out_where_a_source_does_not_mention_them() -> None:
    assert "EnumConfig" not in star_names("def f(conv): pass")
    assert "EnumConfig" in star_names("x = EnumConfig()")
    assert "Conversation" in star_names("")


def test_nothing_slow_is_loaded_until_it_is_needed() -> None:
    check = (
        "import sys; from postcall.runtime.conv import modules, running; modules.supplied_modules();"
        "modules.star_names('');"
        "slow = {'pydantic', 'requests', 'phonenumbers', 'jsonschema', 'sqlalchemy', 'asyncio'} & set(sys.modules);"
        "ours = [n for n in sys.modules if n.startswith('postcall') and not n.startswith('postcall.runtime')];"
        "print(sorted(slow), ours)"
    )
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == "[] ['postcall']\n"
