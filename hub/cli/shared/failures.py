"""Tells errors: what is wrong, who acts, what to do next; as text or JSON on stderr, with the right exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

from hub.errors import Actor, HubError, IntakeIncomplete

FAULT = 70
USAGE = 64
INTERRUPTED = 130
PIPE_CLOSED = 141

_ACTS = {
    Actor.NOBODY: "nobody has to act: try again later",
    Actor.OPERATOR: "the hub's operator acts",
    Actor.OWNER: "the ticket's owner acts",
    Actor.DEVELOPER: "a developer acts",
    Actor.CALLER: "",
}


def report(error: BaseException, args: list[str]) -> int:
    """Tell the error and return the exit code."""
    as_json = "--json" in args[: args.index("--")] if "--" in args else "--json" in args
    debug = "--debug" in args
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more can be said
        return PIPE_CLOSED
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        _say({"kind": "Interrupted", "message": "interrupted"}, ["interrupted"], as_json=as_json)
        return INTERRUPTED
    if isinstance(error, HubError):
        _say(error.describe(), _lines(error), as_json=as_json)
        if debug:
            sys.stderr.write(safe_trace(error))
        return error.exit_code
    if hasattr(error, "format_message"):  # the command line itself is wrong
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "hub"
        told = {
            "kind": "BadInput",
            "message": error.format_message(),
            "who_acts": "caller",
            "next_step": f"see `{path} --help`",
        }
        _say(told, [f"error: {told['message']}", f"next:  {told['next_step']}"], as_json=as_json)
        return USAGE
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {frame[0].filename}:{frame[0].lineno}" if frame else ""
    message = f"a fault of the hub itself: {type(error).__name__}{place}"
    told = {
        "kind": "Fault",
        "message": message,
        "who_acts": "developer",
        "next_step": "run it again with `hub --debug` and report the fault",
    }
    _say(told, [f"error: {message}; {told['next_step']}"], as_json=as_json)
    if debug:
        sys.stderr.write(safe_trace(error))
    return FAULT


def safe_trace(error: BaseException) -> str:
    """Where an error comes from: places and kinds, with the words of the hub's own errors only.

    Others' words may quote texts or secrets.
    """
    told = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = traceback.extract_tb(link.__traceback__)
        told += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        told.append(f"{type(link).__name__}: {link.message}" if isinstance(link, HubError) else type(link).__name__)
        link = link.__cause__ or link.__context__
    return "\n".join(told) + "\n"


def _lines(error: HubError) -> list[str]:
    lines = [f"error: {error.message}"]
    if isinstance(error, IntakeIncomplete):
        for question in error.questions:
            choices = f" [{' | '.join(question.choices)}]" if question.choices else ""
            lines.append(f"  --answer {question.name}=...  {question.title}{choices}")
            lines += [f"      {question.help}"] if question.help else []
    if acts := _ACTS[error.actor]:
        lines.append(f"who:   {acts}")
    if error.next_step:
        lines.append(f"next:  {error.next_step}")
    return lines


def _say(told: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    from hub.cli.shared.output import clean

    if as_json:
        import msgspec

        sys.stderr.write(msgspec.json.encode({"error": told}).decode() + "\n")
    else:
        sys.stderr.write("\n".join(clean(line) for line in lines) + "\n")
    sys.stderr.flush()
