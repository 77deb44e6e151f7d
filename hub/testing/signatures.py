"""Compares a plugin's hooks with the spec, annotation by annotation."""

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
"""Results that may be narrower than the spec's, or are anything."""


def misfits(plugin: Any) -> list[str]:
    """What keeps each hook, of a Choice those of its parts, from having the spec's types; empty when nothing does."""
    found = []
    for one in (plugin, *(plugin.parts.values() if isinstance(plugin, Choice) else ())):
        for name in sorted(answered(one)):
            found += [f"{name}: {problem}" for problem in _problems(name, getattr(one, name))]
    return found


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
    for part in (*[one for one in inspect.signature(hook).parameters if one != "self"], "return"):
        if part not in given:
            problems.append(f"{_called(part)} has no annotation")
        elif part in spec and not _fits(part, given[part], spec[part], free=_FREE.get(name) == part):
            problems.append(f"{_called(part)} is {given[part]}, the spec has {spec[part]}")
    return problems


def _called(part: str) -> str:
    return "its result" if part == "return" else f"argument {part}"


def _hints(function: Any) -> dict[str, Any]:
    known = {"Connection": hub.http.Connection, "AnyConnection": hub.mail.AnyConnection}
    names = {**vars(hub.model), **known, **vars(hookspecs), **function.__globals__}
    return get_type_hints(function, globalns=names)


def _fits(part: str, given: Any, wanted: Any, *, free: bool) -> bool:
    if free or given == wanted or given is Any:
        return True
    ways = get_args(wanted) if isinstance(wanted, types.UnionType) else ()
    if part == "return" and given in ways and (given is type(None) or type(None) not in ways):
        return True  # one of several kinds; but who promises an answer where there may be none has not read the spec
    if part == "account":
        return (get_origin(given) or given) is Account
    if part == "settings":
        kinds = get_args(given) if isinstance(given, types.UnionType) else (given,)
        return all(isinstance(one, type) and issubclass(one, AccountSettings) for one in kinds)
    return False
