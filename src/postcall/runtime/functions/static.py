"""What of a project its functions can see, as it is told to the processes that run them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.projects.model import Project
from postcall.runtime.protocol import Boot, StaticProject


def static_project(project: Project) -> StaticProject:
    """The part of a project that `conv` shows and no conversation changes."""
    return StaticProject(
        account_id=project.account_id,
        project_id=project.project_id,
        default_language=project.default_language,
        languages=project.languages,
        variants={name: dict(attributes) for name, attributes in project.variants.items()},
        default_variant=project.default_variant,
        handoffs={
            name: _shown(target, "is_default", "description", "sip_config", "sip_headers")
            for name, target in project.handoffs.items()
        },
        sms_templates={
            name: _shown(template, "text", "phone_numbers") for name, template in project.sms_templates.items()
        },
        translations={name: dict(texts) for name, texts in project.translations.items()},
        api_integrations={
            name: _shown(integration, "environments", "operations")
            for name, integration in project.api_integrations.items()
        },
        topics=tuple(topic.name for topic in project.topics),
        flows={name: flow.folder for name, flow in project.flows.items()},
    )


def boot_frame(project: Project, limits: PoolLimits, blocked: Mapping[str, str] | None = None) -> Boot:
    """The first frame for this project's processes; `blocked` are the modules to leave out, with the reasons."""
    return Boot(static_project(project), dict(project.sources), limits.of_a_process, dict(blocked or {}))


def _shown(thing: object, *names: str) -> dict[str, Any]:
    return {name: to_builtins(getattr(thing, name)) for name in names}
