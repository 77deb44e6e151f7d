"""Reports errors: what is wrong, who has to act and what to do next, on stderr, with the right exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import msgspec

from hub.cli.shared.text import clean
from hub.errors import EXIT_CODES, Actor, HubError, IntakeIncomplete

FAULT = EXIT_CODES[Actor.DEVELOPER]
USAGE = EXIT_CODES[Actor.CALLER]
INTERRUPTED = 130
PIPE_CLOSED = 141

_WHO_ACTS = {
    Actor.NOBODY: "no action needed: try again later",
    Actor.OPERATOR: "the hub's operator needs to act",
    Actor.OWNER: "the ticket's owner needs to act",
    Actor.DEVELOPER: "a developer needs to act",
    Actor.CALLER: "",
}


def report(error: BaseException, args: list[str]) -> int:
    """Print the error and return its exit code."""
    as_json = "--json" in args[: args.index("--")] if "--" in args else "--json" in args
    debug = "--debug" in args
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit must not fail, too
        return PIPE_CLOSED
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        _print({"kind": "Interrupted", "message": "interrupted"}, ["interrupted"], as_json=as_json)
        return INTERRUPTED
    if isinstance(error, HubError):
        _print(error.describe(), _lines(error), as_json=as_json)
        if debug:
            sys.stderr.write(safe_trace(error))
        return error.exit_code
    if hasattr(error, "format_message"):  # a wrong command line
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "hub"
        data = {
            "kind": "BadInput",
            "message": error.format_message(),
            "who_acts": "caller",
            "next_step": f"see `{path} --help`",
        }
        _print(data, [f"error: {data['message']}", f"next:  {data['next_step']}"], as_json=as_json)
        return USAGE
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {frame[0].filename}:{frame[0].lineno}" if frame else ""
    data = {
        "kind": "Fault",
        "message": f"internal error: {type(error).__name__}{place}",
        "who_acts": "developer",
        "next_step": "run the command again with `hub --debug` and report the output",
    }
    _print(data, [f"{data['message']}; {data['next_step']}"], as_json=as_json)
    if debug:
        sys.stderr.write(safe_trace(error))
    return FAULT


def safe_trace(error: BaseException) -> str:
    """Where an error comes from: places and types, with the messages of the hub's own errors only.

    Other messages may quote customers' texts or secrets.
    """
    lines = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines.append(f"{type(link).__name__}: {link.message}" if isinstance(link, HubError) else type(link).__name__)
        link = link.__cause__ or link.__context__
    return "\n".join(lines) + "\n"


def _lines(error: HubError) -> list[str]:
    lines = [f"error: {error.message}"]
    if isinstance(error, IntakeIncomplete):
        for question in error.questions:
            choices = f" [{' | '.join(question.choices)}]" if question.choices else ""
            lines.append(f"  --answer {question.name}=...  {question.title}{choices}")
            lines += [f"      {question.help}"] if question.help else []
    if who_acts := _WHO_ACTS[error.actor]:
        lines.append(f"who:   {who_acts}")
    if error.next_step:
        lines.append(f"next:  {error.next_step}")
    return lines


def _print(data: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    text = msgspec.json.encode({"error": data}).decode() if as_json else "\n".join(map(clean, lines))
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
