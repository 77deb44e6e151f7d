"""Exports an account as TOML for a settings file, with its secrets as environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from pydantic_core import to_jsonable_python

from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.settings.layers import account_prefix
from hub.settings.sources import secret_fields


def export_account(name: str, model: type[AccountSettings], account: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The table `[accounts.NAME]` as TOML text, and the environment variables of its secrets.

    Keys keep their order, except that tables come last. Raises SettingsError for None, which TOML does not have.
    """
    secrets = set(secret_fields(model)) & set(account)
    table = to_jsonable_python({key: value for key, value in account.items() if key not in secrets})
    if empty := next(_nones(table, f"accounts.{name}"), None):
        raise SettingsError(f"{empty} is None, which TOML does not have", next_step="leave the key out")
    variables = {account_prefix(name) + key.upper(): str(account[key]) for key in sorted(secrets)}
    return tomli_w.dumps({"accounts": {name: table}}), variables


def _nones(value: Any, path: str) -> Iterator[str]:
    """The paths below this value that are None."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _nones(item, f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _nones(item, f"{path}[{number}]")
    elif value is None:
        yield path
