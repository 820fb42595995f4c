"""Talk with the agent in `clinic` without a key: `make chat-example`, or `python examples/chat.py` with any options of
`postcall chat`.

It starts a scripted model beside the conversation, which ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from postcall.testing import ScriptedModel, load_script

HERE = Path(__file__).parent


def main() -> int:
    """Chat until the call is over; returns the exit code of `postcall chat`."""
    with ScriptedModel(pace=0.01, keep=0) as model:
        load_script(HERE / "clinic_model.py")(model)
        # Ctrl-C reaches the conversation as well, which hangs up and finishes; the model is needed until then.
        signal.signal(signal.SIGINT, lambda *_: None)
        command = [sys.executable, "-m", "postcall", "chat", str(HERE / "clinic"), *sys.argv[1:]]
        environ = {**os.environ, "POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
