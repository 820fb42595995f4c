"""The process that imports a project: how far it has come, as it tells its keeper."""

from __future__ import annotations

import os
import sys

import msgspec

from postcall.runtime.functions.frames import framed
from postcall.runtime.protocol import BrokenModule


class Began(msgspec.Struct, frozen=True, tag="began"):
    """A module's top level runs."""

    module: str


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """It has run, or raised; `threads`: it has left threads running, which no forked process would have."""

    module: str
    threads: bool = False


class Imported(msgspec.Struct, frozen=True, tag="imported"):
    """All modules were tried."""

    broken: tuple[BrokenModule, ...]


Progress = Began | Ended | Imported
_encode = msgspec.msgpack.Encoder().encode
decode_progress = msgspec.msgpack.Decoder(Progress).decode


class Teller:
    """Tells the keeper, through a pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._process = os.getpid()

    def began(self, module: str) -> None:
        """Its top level runs from now on."""
        self._tell(Began(module))

    def ended(self, module: str) -> None:
        """It has run, or raised."""
        self._tell(Ended(module, threads=len(sys._current_frames()) > 1))

    def imported(self, broken: tuple[BrokenModule, ...]) -> None:
        """All modules were tried; nothing more is told."""
        self._tell(Imported(broken))
        if os.getpid() != self._process:
            os._exit(0)  # a child that a module forked and let run on
        os.close(self._pipe)

    def _tell(self, progress: Progress) -> None:
        if os.getpid() == self._process:
            content = framed(_encode(progress))
            while content:
                content = content[os.write(self._pipe, content) :]
