"""A process that delivers until it is killed: `python tests/notify/deliver_alone.py DATABASE FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

from tests.notify.deliveries import FORMATS, real_time, settings_for

from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.deliverer import Deliverer
from postcall.storage.database import open_record


def main(database: str, folder: str) -> None:
    """Short waits, a short lease and little patience."""
    deliverer = Deliverer(
        open_record(database, migrate=False),
        FORMATS,
        settings_for(Path(folder)),
        clock=real_time,
        random=Random(),
        ladder=Ladder(waits_s=(0.05, 0.1), attempts=1000),
        timeout_s=0.4,
        lease_s=1.0,
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    asyncio.run(deliverer.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
