"""A mail server on 127.0.0.1 that answers, refuses, stalls or hangs up where a test says so."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"
STALL = "stall"


@dataclass
class MailServer:
    """What it was given, and what it says at each step: a line such as `550 no`, HANG_UP or STALL."""

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)
    """By step: greeting, auth, mail, rcpt, data, taken. What is not named goes well."""
    messages: list[bytes] = field(default_factory=list)
    """Those it has taken."""
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    got: threading.Event = field(default_factory=threading.Event)
    """Set once a whole message is there, before it is answered."""
    going: threading.Event = field(default_factory=threading.Event)
    """Set by the test to end what stalls."""


@contextmanager
def mail_server(**says: str) -> Iterator[MailServer]:
    """A server for one test."""
    mail = MailServer(says=says)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            mail.connections += 1
            _talk(self, mail)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        mail.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield mail
        finally:
            mail.going.set()
            server.shutdown()
            thread.join(5)


class _Over(Exception):
    """The server hangs up."""


def _talk(handler: socketserver.StreamRequestHandler, mail: MailServer) -> None:
    try:
        _say(handler, mail, "greeting", "220 here")
        _serve(handler, mail)
    except (_Over, ConnectionError):
        return


def _serve(handler: socketserver.StreamRequestHandler, mail: MailServer) -> None:
    recipients: list[str] = []
    while line := handler.rfile.readline():
        command, _, rest = line.decode().strip().partition(" ")
        match command.upper():
            case "EHLO":
                _write(handler, "250-here\r\n250 AUTH PLAIN")
            case "AUTH":
                _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
                mail.logins.append((user, password))
                _say(handler, mail, "auth", "235 welcome")
            case "MAIL":
                _say(handler, mail, "mail", "250 fine")
            case "RCPT":
                recipients.append(rest[rest.index("<") + 1 : rest.index(">")])
                _say(handler, mail, "rcpt", "250 fine")
            case "DATA":
                if _say(handler, mail, "data", "354 go on").startswith("354"):
                    _take(handler, mail, recipients)
            case "QUIT":
                _write(handler, "221 bye")
                return
            case _:
                _write(handler, "250 fine")


def _take(handler: socketserver.StreamRequestHandler, mail: MailServer, recipients: list[str]) -> None:
    lines: list[bytes] = []
    while (line := handler.rfile.readline()) != b".\r\n":
        if not line:
            raise _Over
        lines.append(line[1:] if line.startswith(b".") else line)
    mail.messages.append(b"".join(lines))
    mail.recipients.append(list(recipients))
    mail.got.set()
    _say(handler, mail, "taken", "250 taken")


def _say(handler: socketserver.StreamRequestHandler, mail: MailServer, step: str, usual: str) -> str:
    told = mail.says.get(step, usual)
    if told == HANG_UP:
        raise _Over
    if told == STALL:
        mail.going.wait(30)
        raise _Over
    _write(handler, told)
    return told


def _write(handler: socketserver.StreamRequestHandler, line: str) -> None:
    handler.wfile.write(line.encode() + b"\r\n")
