"""A site whose agent `bakery` postcall hosts: a real server, a real worker, real processes, and a scripted model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.builders import Desk
from tests.quick_server import serve
from tests.runtime.project_builder import a_project
from tests.web.sites import Site

from postcall.app import create_app
from postcall.domain.metrics import MetricType
from postcall.extraction.analysers import make_analyser
from postcall.runtime.publishing import push_project
from postcall.services import Services
from postcall.settings import ModelSettings, Settings
from postcall.storage.database import open_record
from postcall.storage.metric_definitions import NewMetric, define_metric
from postcall.testing import Calls, Says, ScriptedModel
from postcall.working import WorkerThread

AGENT = "bakery"
FUNCTION = "from _gen import *\n\n\n"
FILES: dict[str, str | bytes | None] = {
    "functions/start_order.py": FUNCTION + "import time\n\n"
    '@func_description("Begin.")\n@func_parameter("what", "What they want.")\n'
    "def start_order(conv: Conversation, what: str):\n"
    "    conv.state.orders = (conv.state.orders or 0) + 1\n"
    "    conv.state.wanted = what\n"
    "    conv.write_metric('PIECES', 'many')\n"
    "    conv.write_metric('UNHEARD_OF', what)\n"
    "    conv.log.warning('low on flour', oven=3)\n"
    "    conv.log.info('card 4111 1111', is_pii=True)\n"
    "    return {'utterance': f'One {what}.'}\n",
    "functions/slow.py": FUNCTION + "import time\n\n"
    '@func_description("Slow.")\ndef slow(conv: Conversation):\n'
    "    conv.write_metric('EARLY', 'yes')\n    time.sleep(2.5)\n    return {'utterance': 'At last.'}\n",
    "functions/broken.py": FUNCTION + '@func_description("Broken.")\ndef broken(conv: Conversation):\n'
    "    return conv.state.nothing.there\n",
    "functions/hand_over.py": FUNCTION + '@func_description("Hand over.")\ndef hand_over(conv: Conversation):\n'
    "    conv.call_handoff('Front desk', reason='wants a person', utterance='One moment.')\n",
    "functions/end_function.py": FUNCTION + "import time\n\n"
    "def end_function(conv: Conversation):\n"
    "    conv.write_metric('ORDERED', bool(conv.state.orders))\n"
    "    if conv.state.wanted == 'trouble':\n        raise ValueError('the till is shut')\n",
    "config/handoffs.yaml": "handoffs:\n- name: Front desk\n  description: People.\n  is_default: true\n"
    "  sip_config:\n    method: refer\n    phone_number: '+15550177'\n",
    "agent_settings/rules.txt": "Use {{fn:start_order}}, {{fn:slow}}, {{fn:broken}} and {{fn:hand_over}}.\n",
}


@dataclass
class HostedSite:
    """Where it listens, and the application and record behind it."""

    address: str
    site: Site
    model: ScriptedModel


def now() -> datetime:
    return datetime.now(UTC)


def a_model() -> ScriptedModel:
    """Calls the function that the user's words ask for; anything else it answers in words."""
    model = ScriptedModel(default=Says("I see."))
    model.when_user("slowly").reply(Calls("slow"))
    model.when_user("break").reply(Calls("broken"))
    model.when_user("a person").reply(Calls("hand_over"))
    model.when_user("(?P<what>trouble|loaf)").reply(Calls("start_order", {"what": "{what}"}))
    return model


@contextmanager
def hosted_site(folder: Path, files: dict[str, str | bytes | None] | None = None) -> Iterator[HostedSite]:
    """Serve it until the block ends."""
    with a_model() as model:
        record = open_record(f"sqlite:///{folder / 'postcall.db'}")
        desk = Desk(record, now)  # type: ignore[arg-type]
        asked = ModelSettings(base_url=model.url, model="tiny-model", api_key="none", timeout_s=5.0)
        settings = Settings(folder, record.url, None, None, function_timeout_s=5.0, function_workers=1)
        services = Services(record=record, settings=replace(settings, model=asked), clock=now)
        app = create_app(services, make_analyser(services.settings))
        site = Site(desk, app, services.settings)
        push(site, files)
        worker = WorkerThread(services)
        worker.start()
        try:
            with serve(app) as address:
                yield HostedSite(address, site, model)
        finally:
            worker.stop()
            app.state.reports.close()
            record.close()


def push(site: Site, files: dict[str, str | bytes | None] | None = None) -> None:
    """A version of the agent, with a definition that one of its metrics does not fit."""
    desk = site.desk
    desk.record.write(lambda c: push_project(c, desk.pk, a_project({**FILES, **(files or {})}), (), now=now()))
    pieces = NewMetric("PIECES", MetricType.INTEGER)
    desk.record.write(lambda c: define_metric(c, desk.pk, AGENT, pieces, now=now()))
