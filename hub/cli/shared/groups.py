"""Command groups: whole sentences in help, and commands whose modules are imported when they are called."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from itertools import groupby
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class CommandGroup(TyperGroup):
    """A group whose help shows the first sentence of every command whole, under the heading of its panel."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, wrapped at the formatter's width."""
        commands = [self.commands[name] for name in self.list_commands(ctx)]
        for panel, members in groupby(commands, key=lambda command: getattr(command, "rich_help_panel", None)):
            with formatter.section(panel or "Commands"):
                formatter.write_dl([(command.name, summary(command)) for command in members])


class LazyCommand(TyperCommand):
    """The name and summary of a command; its module is imported when the command is called.

    `target` is `module:object`, where the object is a function or a Typer application.
    """

    def __init__(self, name: str, target: str, text: str, *, panel: str) -> None:
        super().__init__(name, help=text, short_help=text, rich_help_panel=panel)
        self.target = target

    def load(self) -> Any:
        """The command itself."""
        module, _, attribute = self.target.partition(":")
        target = getattr(import_module(module), attribute)
        if not isinstance(target, typer.Typer):
            function, target = target, new_app()
            target.command(self.name)(function)
        return typer.main.get_command(target)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself, so that it parses its own arguments and runs."""
        return self.load().make_context(info_name, args, parent=parent, **extra)


class LazyGroup(CommandGroup):
    """A group whose commands come from a table."""

    table: ClassVar[Iterable[LazyCommand]] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for command in self.table:
            self.add_command(command)


def new_app(text: str | None = None, **settings: Any) -> typer.Typer:
    """A Typer application with the hub's settings; with a text it is a group of commands with that help."""
    settings = {"no_args_is_help": True, "help": text} | settings if text else settings
    return typer.Typer(cls=CommandGroup, rich_markup_mode=None, add_completion=False, **settings)


def loaded(command: Any) -> Any:
    """The command itself, its module imported."""
    return command.load() if isinstance(command, LazyCommand) else command


def summary(command: Any) -> str:
    """The first sentence of a command's help."""
    first, stop, _ = " ".join((command.help or "").split()).partition(". ")
    return first + "." if stop else first
