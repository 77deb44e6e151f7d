"""Builds one account's settings with its vendor's own model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from hub.model import AccountSettings
from hub.settings.layers import ENVIRONMENT, Loaded, account_prefix, merge, refuse_secrets, secrets_for
from hub.settings.problems import build, unknown_key
from hub.settings.sources import from_environment

S = TypeVar("S", bound=AccountSettings)


def account_settings(name: str, raw: Mapping[str, Any], model: type[S], loaded: Loaded) -> S:
    """The account's settings from its raw table, its environment variables and its secrets.

    Secrets come from HUB_ACCOUNTS__NAME__FIELD, from the file `name.field` in the secrets folder, or from the keyring.
    Raises SettingsError with location, key and remedy, and never with a value that may be secret.
    """
    return read_account(name, raw, model, loaded)[0]


def read_account(name: str, raw: Mapping[str, Any], model: type[S], loaded: Loaded) -> tuple[S, dict[str, str]]:
    """The account's settings, and the origin of each by its key."""
    stem, variables = f"accounts.{name}.", account_prefix(name)
    refuse_secrets(model, raw, loaded.place, stem=stem, variables=variables)
    for variable in loaded.env:
        key = re.sub(f"^{variables}", "", variable, flags=re.IGNORECASE).lower()
        if key != variable.lower() and key not in model.model_fields:
            raise unknown_key(f"{ENVIRONMENT}, {variable}", stem, key, model.model_fields)
    outside = from_environment(model, variables, loaded.env)
    secrets, secret_origins = secrets_for(model, f"{name}.", loaded.settings, outside)
    chosen, origins = merge([(ENVIRONMENT, outside), ("", secrets), (loaded.place, raw)], model)
    origins |= secret_origins
    return build(model, chosen, stem=stem, origins=origins, place=loaded.place, variables=variables), origins
