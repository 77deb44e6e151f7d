"""The generated reference page on the command line: every command with its arguments and options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from docs.pages import page, table


def commands_page() -> str:
    """Every command of `hub`, under the headings and in the order of `hub --help`."""
    from hub.cli import COMMANDS, app

    root: Any = typer.main.get_command(app)
    parts = [
        "Every command has `--help` and `--json`. Exit codes are in [errors](errors.md).",
        "## Options before any command",
        _parameters(root),
    ]
    for heading, commands in COMMANDS.items():
        parts.append(f"## {heading}")
        for name, _, _ in commands:
            parts += _command(root.commands[name], f"hub {name}", "###")
    return page("Commands", *parts)


def _command(lazy: Any, path: str, marks: str) -> Iterator[str]:
    from hub.cli.shared.groups import loaded

    command = loaded(lazy)
    yield f"{marks} {path}"
    if text := inspect.cleandoc(command.help or "").partition("\f")[0]:
        yield text
    if hasattr(command, "commands"):
        if command.invoke_without_command:
            yield _parameters(command)
        for name, below in command.commands.items():
            yield from _command(below, f"{path} {name}", f"{marks}#")
        return
    yield f"```text\n{_usage(command, path)}\n```"
    if rows := _parameters(command):
        yield rows


def _usage(command: Any, path: str) -> str:
    names = [_argument(param) for param in _of(command, "argument")]
    return " ".join([path, *names, *(["[OPTIONS]"] if _of(command, "option") else [])])


def _argument(param: Any) -> str:
    name = _name(param) if param.required else f"[{_name(param)}]"
    return f"{name}..." if param.nargs == -1 else name


def _name(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _of(command: Any, kind: str) -> list[Any]:
    return [
        param
        for param in command.params
        if param.param_type_name == kind and not getattr(param, "hidden", False) and param.name != "help"
    ]


def _parameters(command: Any) -> str:
    rows = [(f"`{_name(param)}`", param.help or "") for param in _of(command, "argument")]
    for param in _of(command, "option"):
        value = f" {param.metavar}" if param.metavar and not param.is_flag else ""
        names = ", ".join(f"`{name}{value}`" for name in (*param.opts, *param.secondary_opts))
        rows.append((names, f"{param.help or ''}{_default(param)}"))
    return table(("argument or option", "description"), rows) if rows else ""


def _default(param: Any) -> str:
    value = getattr(param.default, "value", param.default)
    if not param.show_default or param.is_flag or isinstance(value, bool):
        return ""
    return f" Default: {value}." if isinstance(value, str | int | float) and value != "" else ""
