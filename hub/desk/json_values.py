"""Reads JSON objects as flat rows of text: nested names joined with dots, numbers as written."""

from __future__ import annotations

import json

DEEPEST = 16


def flat(text: str) -> dict[str, str]:
    """The JSON object in `text` as strings; see `flattened`.

    Raises ValueError (with a reason to show) when it is not one object, or contains a duplicate name or NaN.
    """
    return flattened(DECODER.decode(text))


def flattened(parsed: object) -> dict[str, str]:
    """A JSON object as strings: nested names joined with dots.

    A list of plain values becomes one text, joined with ", "; objects in a list are named by position.
    Raises ValueError (with a reason to show) when it is not an object, and RecursionError when it is nested too deep.
    """
    if not isinstance(parsed, dict):
        raise ValueError("not a JSON object; each row must be one object")  # noqa: TRY004
    values: dict[str, str] = {}
    _flatten(parsed, "", values, 1)
    return values


def _flatten(nested: dict[str, object], prefix: str, into: dict[str, str], depth: int) -> None:
    if depth > DEEPEST:
        raise RecursionError
    for name, value in nested.items():
        path = prefix + name
        if isinstance(value, str):
            text = value
        elif value is None:
            text = ""
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, dict):
            _flatten(value, path + ".", into, depth + 1)
            continue
        elif isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
            text = ", ".join(str(item) for item in value if item is not None)
        elif isinstance(value, list):
            _flatten({str(place): item for place, item in enumerate(value)}, path + ".", into, depth + 1)
            continue
        else:  # pragma: no cover - json gives no other types
            raise ValueError(f"{path} is not a JSON type")
        if path in into:
            raise ValueError(f"two values for {path}")
        into[path] = text


def _reject_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a name appears twice in one object")
    return result


def _reject_constant(name: str) -> str:
    raise ValueError(f"not JSON: {name} is not a number")


def json_fault(error: Exception) -> str:
    """Why a text is not a row, in words."""
    if isinstance(error, RecursionError):
        return f"nested deeper than {DEEPEST} levels"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg.lower()} at character {error.pos + 1}"
    return str(error)


DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=_reject_constant, object_pairs_hook=_reject_duplicates
)
"""Keeps numbers as written, and refuses duplicate names and NaN with a ValueError."""
