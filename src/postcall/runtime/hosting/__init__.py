"""Conversations that postcall hosts: opened, taken up turn by turn, stored, and ended, over the record."""

from postcall.runtime.hosting.calls import HostedCall
from postcall.runtime.hosting.hosting import Hosting
from postcall.runtime.hosting.opening import OpenCall

__all__ = ["HostedCall", "Hosting", "OpenCall"]
