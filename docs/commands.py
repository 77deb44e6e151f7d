"""The generated reference page on the command line: every command with its arguments and options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import click
import typer

from docs.pages import page, table


def commands_page() -> str:
    """Every command of `hub`, in the order in which `hub --help` lists them."""
    from hub.cli import app

    root: Any = typer.main.get_command(app)
    told = [
        "Every command has `--help`. Exit codes are in [errors](errors.md).",
        "## Options before any command",
        _parameters(root),
    ]
    told += list(_commands(root, "hub"))
    return page("Commands", *told)


def _commands(command: Any, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is None or below.hidden:
            continue
        inner = f"{path} {name}"
        yield f"## {inner}" if path == "hub" else f"### {inner}"
        if text := inspect.cleandoc(below.help or "").partition("\f")[0]:
            yield text
        if hasattr(below, "list_commands"):
            if below.invoke_without_command:
                yield _parameters(below)
            yield from _commands(below, inner)
            continue
        yield f"```text\n{_usage(below, inner)}\n```"
        if rows := _parameters(below):
            yield rows


def _usage(command: Any, path: str) -> str:
    names = [_name(param) if param.required else f"[{_name(param)}]" for param in _of(command, "argument")]
    return " ".join([path, *names, *(["[OPTIONS]"] if _of(command, "option") else [])])


def _name(param: Any) -> str:
    return str(param.metavar or param.name.upper()).strip("[]")


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
    return table(("argument or option", "what it is"), rows) if rows else ""


def _default(param: Any) -> str:
    value = getattr(param.default, "value", param.default)
    if param.is_flag or isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return ""
    return f" Default: {value}."
