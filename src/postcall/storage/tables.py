"""Every table of the record: who needs them all takes `metadata` from here, or misses those nobody has imported."""

from __future__ import annotations

import postcall.storage.access_schema
import postcall.storage.analyst_schema
import postcall.storage.hosted_schema
import postcall.storage.label_schema
import postcall.storage.outbound_schema
import postcall.storage.page_schema
import postcall.storage.webhook_schema  # noqa: F401 - their tables belong to the same metadata
from postcall.storage.schema import metadata

__all__ = ["metadata"]
