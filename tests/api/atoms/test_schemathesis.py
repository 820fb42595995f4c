"""Every served operation with inputs that schemathesis makes from the published description, fitting and not."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_dict
from tests.api.atoms.full_set import CSV, FullSet, client_of, run_atoms
from tests.api.atoms.judging import envelope_faults, served, unfit
from tests.api.atoms.published import described
from tests.live_server import LiveServer

AnyCase: TypeAlias = "schemathesis.Case[Any]"

EXAMPLES = 5
"""Of each operation and of each kind: what fits the description, and what does not."""
NONSENSE = ("nonsense", "0" * 24, "0" * 23, "é", "a b", "...", "%", "1" * 3000, "\0", "-1", "1e9", "undefined")
WEARING = ("/archive", "/cancel", "/publish", "/activate", "/live", "/pause", "/restore", "/config")
"""After such an operation, as after one that deletes, there is less to be had."""


def description() -> dict[str, Any]:
    """As published, but for one slip of it: a parameter `on` that was read as a yes."""
    found = copy.deepcopy(described())
    for item in found["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()) if isinstance(operation, dict) else ():
                if parameter.get("name") is True:
                    parameter["name"] = "on"
    return found


def ids_by_name(known: FullSet) -> dict[str, tuple[str, ...]]:
    """What a field or a parameter of that name may hold, so that more than the check of the ids is tried."""
    versions = (known.version, known.first_version, known.revision)
    calls = tuple(known.calls.values())
    names: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(("agentId", "agent_id", "agentIds"), (known.agent,)),
        **dict.fromkeys(("versionId", "sourceVersionId", "versionA", "versionB", "compareTo"), versions),
        **dict.fromkeys(("revisionId", "versionFilter"), versions),
        **dict.fromkeys(("draftId", "sourceDraftId"), (known.draft,)),
        **dict.fromkeys(("branchId", "sourceBranchId"), (known.branch, known.main)),
        **dict.fromkeys(("callId", "callIds"), calls),
        **dict.fromkeys(("a", "b"), (*versions, f"{known.branch}:draft", f"{known.main}:draft")),
        **dict.fromkeys(("phoneNumberIds", "fromProductId"), (known.number,)),
        **dict.fromkeys(("phoneNumber", "toPhone"), ("+14155550177", "919876543210")),
        **dict.fromkeys(("date", "dateFrom", "dateTo"), ("2026-03-01", "2026-03-02", "2026-03-02T11:00:00Z")),
        "audienceId": (known.audience,),
        "campaignId": (known.campaign,),
        "campaignIds": (known.campaign,),
        "memberIds": (known.member,),
        "webhookId": (known.webhook,),
        "templateId": (known.get("/agent/template")[0]["_id"],),
        "phoneNumberColumnName": ("phoneNumber",),
        "endpoint": ("https://crm.example/more", "http://127.0.0.1:1/x"),
    }
    return names


def ids_of_path(known: FullSet, path: str) -> tuple[str, ...]:
    """What `{id}` stands for."""
    return {
        "agent": (known.agent,),
        "workflow": (known.agent,),
        "conversation": tuple(known.calls.values()),
        "campaign": (known.campaign,),
        "audience": (known.audience,),
        "webhook": (known.webhook,),
        "call-actions": (known.action,),
    }[path.split("/")[1]]


@dataclass
class Fuzz:
    """A server with everything in it, which is made anew where it has been used up."""

    server: LiveServer
    known: FullSet
    worn: bool = False

    def try_operation(self, method: str, path: str, *, examples: int, start: int | None = None) -> None:
        """Examples of both kinds; `start` seeds others than those that are always the same."""
        operation = from_dict(description())[path][method.upper()]
        if self.worn:
            self.known, self.worn = FullSet(self.server, client_of(self.server)), False
        real = ids_by_name(self.known) | ({"id": ids_of_path(self.known, path)} if "{id}" in path else {})
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=examples,
                derandomize=start is None,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
            def ask(case: AnyCase, random: Random) -> None:
                put_in(case, real, random)
                self.check(method, path, case)

            (ask if start is None else seed(start)(ask))()
        self.worn = self.worn or method == "delete" or path.endswith(WEARING)

    def check(self, method: str, path: str, case: AnyCase) -> None:
        """The reply is no fault of the server, has an envelope, and fits where it is a success."""
        reply = self.send(case)
        if reply is None:
            return
        asked = f"{case.path_parameters} {case.query} {case.body!r}"[:1500]
        assert reply.status_code < 500, f"{method} {path} {asked}: {reply.status_code} {reply.text}"
        assert envelope_faults(method, path, reply) == [], asked
        if reply.is_success:
            assert unfit(method, path, reply) == [], asked

    def send(self, case: AnyCase) -> httpx.Response | None:
        """None for what cannot be put into a request."""
        try:
            request = case.as_transport_kwargs(base_url=self.server.address + "/atoms/v1")
            request["headers"]["authorization"] = self.known.http.headers["authorization"]
            got = requests.request(**request, stream=True, timeout=30, allow_redirects=False)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return None
        with got:
            stream = got.headers.get("content-type", "").startswith("text/event-stream")  # it ends with the call
            content = b"" if stream else got.content
        headers = {"content-type": got.headers.get("content-type", "")}
        return httpx.Response(got.status_code, headers=headers, content=content)


def put_in(case: AnyCase, real: dict[str, tuple[str, ...]], random: Random) -> None:
    """Give a request ids that exist, mostly: without them hardly any gets far."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = random.choice(real[name] if random.random() < 0.8 else NONSENSE)
    for part in (case.query, case.body):
        _replace(part, real, random)
    if isinstance(case.body, dict) and "file" in case.body and random.random() < 0.5:
        case.body["file"] = CSV


def _replace(part: Any, real: dict[str, tuple[str, ...]], random: Random) -> None:
    if isinstance(part, list):
        for each in part:
            _replace(each, real, random)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name in real and random.random() < 0.8:
            chosen = random.choice(real[name] if random.random() < 0.9 else NONSENSE)
            part[name] = [chosen] if isinstance(value, list) else chosen
        else:
            _replace(value, real, random)


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Fuzz]:
    folder = tmp_path_factory.mktemp("schemathesis")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_atoms(f"sqlite:///{folder / 'postcall.db'}", folder) as server:
        yield Fuzz(server, FullSet(server, client_of(server)))


@pytest.mark.shared
@pytest.mark.parametrize(("method", "path"), sorted(served()), ids=str)
def test_no_input_breaks_it(fuzz: Fuzz, method: str, path: str) -> None:
    fuzz.try_operation(method, path, examples=EXAMPLES)
