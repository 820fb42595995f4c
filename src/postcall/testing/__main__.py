"""The scripted model as a process of its own: `python -m postcall.testing --latency 0.2`."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from postcall.testing.honest import answers_from
from postcall.testing.loading import NoScript, load_script
from postcall.testing.model import ScriptedModel
from postcall.testing.streaming import PIECE_CHARACTERS


def main() -> None:
    """Serve until interrupted; the first line printed is the base URL, `GET /scripted` tells the counts."""
    chosen = _read_arguments()
    answers = msgspec.json.decode(chosen.answers.read_bytes(), type=dict[str, object]) if chosen.answers else {}
    model = ScriptedModel(
        default=answers_from(answers),
        latency=chosen.latency,
        pace=chosen.pace,
        piece=chosen.piece,
        rejects=chosen.reject,
        context_tokens=chosen.context_tokens,
        port=chosen.port,
        keep=0,
    )
    if chosen.script:
        try:
            load_script(chosen.script)(model)
        except NoScript as problem:
            sys.exit(f"postcall.testing: {problem}")
    with model:
        sys.stdout.write(model.url + "\n")
        sys.stdout.flush()
        _wait(until_input_ends=chosen.until_input_ends)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m postcall.testing",
        description="A scripted chat-completions server: fills in the JSON schema of each request, or converses by a "
        "script.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 (the default): any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two pieces of a streamed reply")
    parser.add_argument("--piece", type=int, default=PIECE_CHARACTERS, help="characters of one")
    parser.add_argument("--script", type=Path, help="a Python file that defines script(model)")
    parser.add_argument("--answers", type=Path, help='a JSON file {"identifier": value} of answers to give')
    parser.add_argument("--reject", action="append", default=[], help="json_schema, json_object or a parameter")
    parser.add_argument("--context-tokens", type=int, help="refuse longer prompts")
    parser.add_argument(
        "--until-input-ends",
        action="store_true",
        help="stop when standard input closes, so that the server never outlives the program that started it",
    )
    return parser.parse_args()


def _wait(*, until_input_ends: bool) -> None:
    if until_input_ends:
        sys.stdin.read()
        return
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


if __name__ == "__main__":
    main()
