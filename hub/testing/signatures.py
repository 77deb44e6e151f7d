"""Compares the annotations of a plugin's hooks with the spec."""

from __future__ import annotations

import inspect
import types
from typing import Any, get_args, get_origin, get_type_hints

import hub.http
import hub.mail
import hub.model
from hub import hookspecs
from hub.hooks import HOOKS, answered
from hub.model import Account, AccountSettings
from hub.platforms.choice import Choice

_FREE = {"hub_settings": "return", "hub_simulator": "return", "hub_routes": "return", "hub_commands": "return"}
"""Results that may be of any type."""


def misfits(plugin: Any) -> list[str]:
    """Each way in which a hook, or for a Choice a hook of its parts, differs from the spec; empty when all match."""
    problems = []
    for part in (plugin, *(plugin.parts.values() if isinstance(plugin, Choice) else ())):
        for name in sorted(answered(part)):
            problems += [f"{name}: {problem}" for problem in _problems(name, getattr(part, name))]
    return problems


def _problems(name: str, hook: Any) -> list[str]:
    function = inspect.unwrap(getattr(hook, "__func__", hook))
    if function is HOOKS[name].function:
        return []  # made from the spec
    spec = HOOKS[name].types
    try:
        given = _hints(function)
    except NameError as error:
        return [f"its annotations name {error.name!r}, which its module does not have"]
    problems = []
    for part in (*[name for name in inspect.signature(hook).parameters if name != "self"], "return"):
        if part not in given:
            problems.append(f"{_label(part)} has no annotation")
        elif part in spec and not _fits(part, given[part], spec[part], free=_FREE.get(name) == part):
            problems.append(f"{_label(part)} is {given[part]}, the spec has {spec[part]}")
    return problems


def _label(part: str) -> str:
    return "its result" if part == "return" else f"argument {part}"


def _hints(function: Any) -> dict[str, Any]:
    clients = {"Connection": hub.http.Connection, "AnyConnection": hub.mail.AnyConnection}
    names = {**vars(hub.model), **clients, **vars(hookspecs), **function.__globals__}
    return get_type_hints(function, globalns=names)


def _fits(part: str, given: Any, wanted: Any, *, free: bool) -> bool:
    if free or given == wanted or given is Any:
        return True
    allowed = get_args(wanted) if isinstance(wanted, types.UnionType) else ()
    if part == "return" and given in allowed and (given is type(None) or type(None) not in allowed):
        return True  # one of several types, but a result that may be None must say it
    if part == "account":
        return (get_origin(given) or given) is Account
    if part == "settings":
        kinds = get_args(given) if isinstance(given, types.UnionType) else (given,)
        return all(isinstance(kind, type) and issubclass(kind, AccountSettings) for kind in kinds)
    return False
