"""Writes an account as a settings file has it, its secrets apart as the environment gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from pydantic_core import to_jsonable_python

from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.settings.layers import account_prefix
from hub.settings.sources import secret_fields


def written(name: str, model: type[AccountSettings], account: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The table `[accounts.NAME]` as TOML text, and the environment variables of its secrets.

    Keys keep their order, but for tables, which come last. Raises SettingsError for a None, which TOML can't hold.
    """
    hidden = set(secret_fields(model)) & set(account)
    table = to_jsonable_python({key: value for key, value in account.items() if key not in hidden})
    if empty := next(_nones(table, f"accounts.{name}"), None):
        raise SettingsError(f"{empty} is None, which a settings file can't hold", next_step="leave the key out")
    variables = {account_prefix(name) + key.upper(): str(account[key]) for key in sorted(hidden)}
    return tomli_w.dumps({"accounts": {name: table}}), variables


def _nones(value: Any, place: str) -> Iterator[str]:
    """The places below this value that hold None."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _nones(part, f"{place}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _nones(part, f"{place}[{number}]")
    elif value is None:
        yield place
