"""What hosts conversations in a process: the processes of functions, the model, and who sends messages."""

from __future__ import annotations

from postcall.llm.chat import ChatClient
from postcall.notify.sending import make_senders, sendable_by
from postcall.runtime.functions.limits import PoolLimits
from postcall.runtime.functions.pools import FunctionPools
from postcall.runtime.hosting import Hosting
from postcall.services import Services


def open_hosting(services: Services) -> Hosting:
    """Hosting for the running event loop; closed there."""
    settings = services.settings
    model = ChatClient(settings.model) if settings.model is not None else None
    return Hosting(
        services,
        FunctionPools(PoolLimits(workers=settings.function_workers, memory_mib=settings.function_memory_mib)),
        model,
        sendable=sendable_by(make_senders(settings, clock=services.clock)),
    )
