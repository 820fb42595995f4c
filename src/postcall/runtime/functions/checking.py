"""Trying the imports of a project before it is published."""

from __future__ import annotations

import os

from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.static import boot_frame
from postcall.runtime.functions.zygotes import Zygote
from postcall.runtime.projects.model import Project
from postcall.runtime.protocol import BrokenModule


async def check_imports(project: Project, limits: PoolLimits | None = None) -> tuple[BrokenModule, ...]:
    """The modules that cannot be imported, found by importing them in processes of their own.

    Raises CannotStart where not even that is possible.
    """
    limits = limits or PoolLimits()
    zygote = await Zygote.start(boot_frame(project, limits), environ=os.environ, boot_s=limits.boot_s)
    await zygote.close()
    return tuple(zygote.broken.values())
