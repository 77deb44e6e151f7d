"""Writes an account as a settings file has it, its secrets apart as the environment gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub.model import AccountSettings
from hub.settings.layers import account_prefix
from hub.settings.sources import secret_fields


def written(name: str, model: type[AccountSettings], account: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The table `[accounts.NAME]` as TOML text, and the environment variables of its secrets."""
    hidden = set(secret_fields(model)) & set(account)
    lines = [f"[accounts.{name}]"]
    lines += [f"{key} = {toml(value)}" for key, value in account.items() if key not in hidden]
    return "\n".join(lines) + "\n", {account_prefix(name) + key.upper(): str(account[key]) for key in sorted(hidden)}


def toml(value: Any) -> str:
    """A value of JSON's kind as TOML writes it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(name))} = {toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # JSON's strings, numbers and booleans are TOML's too
