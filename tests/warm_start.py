"""`postcall` for tests: hands the command to the process that has imported it already, and ends as the command does.

Run by itself, so that to start it is quick: it imports nothing but what it needs.
"""

import json
import os
import signal
import socket
import sys


def _main(address: str, arguments: list[str]) -> int:
    order = {
        "arguments": arguments,
        "folder": os.getcwd(),  # noqa: PTH109 - pathlib takes longer to import than this to run
        "environment": dict(os.environ),
    }
    body = json.dumps(order).encode()
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(address)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda sent, _: asked.sendall(bytes([sent])))
        socket.send_fds(asked, [b"%8d" % len(body)], [0, 1, 2])
        asked.sendall(body)
        told = asked.recv(16)
    return int(told)


if __name__ == "__main__":
    code = _main(sys.argv[1], sys.argv[2:])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)
