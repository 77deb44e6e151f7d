"""Checks deeply whether a value has the shape that a type promises; values are trusted only after that."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

Check = Callable[[Any], str]
"""Says what is wrong with a value, as `.path is TYPE, not TYPE`, without its content; empty: nothing is."""

_DEPTH = 64


def wrong(value: Any, annotation: Any) -> str:
    """What keeps the value from being what the annotation says, or an empty text; never a content."""
    return _check(annotation)(value)


@lru_cache(maxsize=512)
def _check(annotation: Any) -> Check:
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return _json
    if annotation in (None, type(None)):
        return lambda value: "" if value is None else _told(value, "None")
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin is Literal:
        allowed = frozenset(args)
        return lambda value: "" if isinstance(value, str) and value in allowed else " is none of the allowed words"
    if origin in (tuple, list):
        return _sequence(origin, args[0])
    if origin is dict:
        return _mapping(*args)
    if origin is type:
        return lambda value: (
            "" if isinstance(value, type) and issubclass(value, args[0]) else _told(value, args[0].__name__)
        )
    base = origin or annotation
    if isinstance(base, type) and issubclass(base, msgspec.Struct):
        return _struct(base, args)
    return _plain(base)


def _plain(kind: type) -> Check:
    name = kind.__name__

    if kind is datetime:

        def check(value: Any) -> str:
            if not isinstance(value, datetime):
                return _told(value, name)
            return "" if value.tzinfo is not None else " is a datetime without a time zone"

    elif kind is float:

        def check(value: Any) -> str:
            if type(value) is not float and type(value) is not int:
                return _told(value, name)
            return "" if math.isfinite(value) else " is not a finite number"

    elif kind is int:

        def check(value: Any) -> str:
            return "" if isinstance(value, int) and not isinstance(value, bool) else _told(value, name)

    else:  # str, bytes, bool, enums and classes of the hub

        def check(value: Any) -> str:
            return "" if isinstance(value, kind) else _told(value, name)

    return check


def _struct(base: type[msgspec.Struct], args: tuple[Any, ...]) -> Check:
    parameters = dict(zip(getattr(base, "__parameters__", ()), args, strict=False))
    hints = get_type_hints(base)
    fields = [(name, _check(_filled(hints[name], parameters))) for name in base.__struct_fields__]

    def check(value: Any) -> str:
        if not isinstance(value, base):
            return _told(value, base.__name__)
        for name, inner in fields:
            if problem := inner(getattr(value, name)):
                return f".{name}{problem}"
        return ""

    return check


def _filled(annotation: Any, parameters: dict[Any, Any]) -> Any:
    """The annotation with type variables replaced, one level deep: enough for tuple[T, ...]."""
    if isinstance(annotation, TypeVar):
        return parameters.get(annotation, Any)
    if any(isinstance(part, TypeVar) for part in get_args(annotation)):
        return annotation[tuple(parameters.get(part, Any) for part in annotation.__parameters__)]
    return annotation


def _sequence(kind: type[tuple[Any, ...] | list[Any]], item: Any) -> Check:
    inner = _check(item)

    def check(value: Any) -> str:
        if not isinstance(value, kind):
            return _told(value, kind.__name__)
        for position, part in enumerate(value):
            if problem := inner(part):
                return f"[{position}]{problem}"
        return ""

    return check


def _mapping(key: Any, item: Any) -> Check:
    keys, items = _check(key), _check(item)

    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return _told(value, "dict")
        for name, part in value.items():
            if problem := keys(name):
                return f" has a key that{problem}"
            if problem := items(part):
                return f"[...]{problem}"
        return ""

    return check


def _union(args: tuple[Any, ...]) -> Check:
    checks = [_check(part) for part in args if part is not type(None)]
    optional = type(None) in args

    def check(value: Any) -> str:
        if value is None and optional:
            return ""
        problems = [inner(value) for inner in checks]
        return "" if "" in problems else problems[0]

    return check


def _json(value: Any, depth: int = 0) -> str:
    if value is None or isinstance(value, str | bool | int):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else " is not a finite number"
    if depth >= _DEPTH:
        return " is nested too deeply"
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            return " has a key that is not str"
        value = value.values()
    elif not isinstance(value, list | tuple):
        return _told(value, "JSON")
    return next(filter(None, (_json(part, depth + 1) for part in value)), "")


def _told(value: Any, wanted: str) -> str:
    return f" is {type(value).__name__}, not {wanted}"
