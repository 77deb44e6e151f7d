"""Reads the hub's settings; precedence: environment, secrets folder, keyring, file, defaults."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel

from hub.errors import SettingsError
from hub.settings.model import ACCOUNT_NAME, ENV_PREFIX, HubSettings
from hub.settings.problems import build, nearest, secret_in_file, unknown_key
from hub.settings.sources import from_environment, from_folder, from_keyring, secret_fields

FILE_NAME = "hub.toml"
CONFIG_VARIABLE = "HUB_CONFIG"
ACCOUNTS_PREFIX = "HUB_ACCOUNTS__"
ENVIRONMENT = "environment"
DEFAULT = "default"


@dataclass(frozen=True)
class Loaded:
    """Settings, and the origin of each."""

    settings: HubSettings
    origins: Mapping[str, str]
    """By key: `environment`, `secrets folder`, `keyring`, the file's path, or `default`."""
    path: Path | None
    """The file that was read; None when there was none."""
    env: Mapping[str, str] = field(repr=False)
    """The environment's HUB_ variables, including the accounts' secrets."""
    notes: tuple[str, ...] = ()
    """Warnings about environment variables that look like misspelt settings."""

    @property
    def place(self) -> str:
        """The file's name, for messages."""
        return str(self.path or FILE_NAME)


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Loaded:
    """The hub's settings from the given file, or HUB_CONFIG, ./hub.toml or the user's config folder.

    Accounts stay raw tables: only their plugins know their fields (`account_settings`).
    Raises SettingsError with location, key and remedy, and never with a value that may be secret.
    """
    given = os.environ if env is None else env
    env = {name: text for name, text in given.items() if name.upper().startswith(ENV_PREFIX)}
    path = _find(path, env)
    place = str(path or FILE_NAME)
    table = read_table(path) if path else {}
    for key in table:
        if key not in HubSettings.model_fields:
            raise unknown_key(place, "", key, HubSettings.model_fields)
    refuse_secrets(HubSettings, table, place, stem="", variables=ENV_PREFIX)

    outside = from_environment(HubSettings, ENV_PREFIX, env)
    outside.pop("accounts", None)  # accounts have their own variables
    chosen, origins = merge([(ENVIRONMENT, outside), (place, _resolve_folders(table, path))], HubSettings)
    settings = build(HubSettings, chosen, stem="", origins=origins, place=place, variables=ENV_PREFIX)
    secrets, where = secrets_for(HubSettings, "", settings, outside)
    if secrets:
        settings = build(HubSettings, chosen | secrets, stem="", origins=where, place=place, variables=ENV_PREFIX)
    accounts = _accounts(settings.accounts, env, place)
    settings = settings.model_copy(update={"accounts": accounts})
    return Loaded(settings, origins | where, path, env, _likely_misspellings(env, accounts))


def merge(
    layers: Iterable[tuple[str, Mapping[str, Any]]], model: type[BaseModel]
) -> tuple[dict[str, Any], dict[str, str]]:
    """For each key the value of the first layer that has it, and that layer's name."""
    chosen: dict[str, Any] = {}
    origins = dict.fromkeys(model.model_fields, DEFAULT)
    for origin, values in layers:
        for key, value in values.items():
            if key not in chosen:
                chosen[key], origins[key] = value, origin
    return chosen, origins


def secrets_for(
    model: type[BaseModel], stem: str, settings: HubSettings, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The model's missing secrets from the secrets folder or keyring; and the origin of each."""
    secrets: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key in secret_fields(model):
        if key in given:
            continue
        value, origin = from_folder(settings.secrets_dir, stem + key), "secrets folder"
        if value is None and settings.use_keyring:
            value, origin = from_keyring(stem + key), "keyring"
        if value is not None:
            secrets[key], origins[key] = value, origin
    return secrets, origins


def refuse_secrets(model: type[BaseModel], table: Mapping[str, Any], place: str, *, stem: str, variables: str) -> None:
    """Raises SettingsError when the file's table contains a secret."""
    for key in secret_fields(model):
        if key in table:
            full = stem + key
            raise secret_in_file(place, full, variables + key.upper(), full.removeprefix("accounts."))


def read_table(path: Path) -> dict[str, Any]:
    """The TOML file's content; raises SettingsError with the line of an error."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line \d+, column \d+|end of document", str(error))
        problem, step = f"not valid TOML at {line[0] if line else 'an unknown line'}", "correct that line"
    except UnicodeDecodeError:
        problem, step = "not UTF-8 text", "save the file as UTF-8"
    except OSError as error:
        problem, step = f"can't be read ({type(error).__name__})", "name a file that exists and is readable"
    raise SettingsError(f"{path}: {problem}", next_step=step)


def account_prefix(name: str) -> str:
    """The prefix of an account's environment variables."""
    return f"{ACCOUNTS_PREFIX}{name.upper().replace('-', '_')}__"


def _find(path: Path | None, env: Mapping[str, str]) -> Path | None:
    if path is None and env.get(CONFIG_VARIABLE):
        path = Path(env[CONFIG_VARIABLE])
    if path is not None:
        return path.expanduser()  # given explicitly: it must exist
    folders = (Path(), Path(platformdirs.user_config_dir("rjr-hub", appauthor=False)))
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def _resolve_folders(table: Mapping[str, Any], path: Path | None) -> dict[str, Any]:
    """The table with folders relative to the file, not to the working directory."""
    moved = dict(table)
    for key in ("data_dir", "secrets_dir"):
        if path is not None and isinstance(table.get(key), str):
            moved[key] = path.absolute().parent / Path(table[key]).expanduser()
    return moved


def _accounts(tables: Mapping[str, dict[str, Any]], env: Mapping[str, str], place: str) -> dict[str, dict[str, Any]]:
    """All accounts: from the file, and from the environment if it sets a vendor."""
    accounts = dict(tables)
    prefixes = {account_prefix(name): name for name in tables}
    for name in tables:
        if not re.fullmatch(ACCOUNT_NAME, name):
            raise SettingsError(
                f"{place}: accounts.{name}: the name is not valid",
                next_step="use lower-case letters and digits, separated by single - or _",
            )
        if prefixes[account_prefix(name)] != name:
            raise SettingsError(
                f"{place}: accounts.{name} and accounts.{prefixes[account_prefix(name)]} share their "
                f"environment variables {account_prefix(name)}...",
                next_step="rename one of them",
            )
    for variable in sorted(env):
        named = re.fullmatch(rf"{ACCOUNTS_PREFIX}(.+)__VENDOR", variable, re.IGNORECASE)
        if named and account_prefix(named[1]) not in prefixes and re.fullmatch(ACCOUNT_NAME, named[1].lower()):
            accounts[named[1].lower()] = {}
    for name, table in accounts.items():
        vendor = from_environment(_OnlyVendor, account_prefix(name), env).get("vendor", table.get("vendor"))
        if not isinstance(vendor, str) or not vendor:
            raise SettingsError(
                f"{place}: accounts.{name}.vendor is missing",
                next_step=f'add vendor = "..." (its plugin) to the table [accounts.{name}]',
            )
        accounts[name] = {**table, "vendor": vendor}
    return accounts


class _OnlyVendor(BaseModel):
    vendor: str = ""


def _likely_misspellings(env: Mapping[str, str], accounts: Iterable[str]) -> tuple[str, ...]:
    """Likely misspellings in the environment. Other programs use HUB_ too, so they are not errors."""
    known = [ENV_PREFIX + key.upper() for key in HubSettings.model_fields] + [CONFIG_VARIABLE]
    prefixes = {account_prefix(name) for name in accounts}
    notes = []
    for variable in sorted(env):
        upper = variable.upper()
        if upper.startswith(ACCOUNTS_PREFIX):
            if not any(upper.startswith(prefix) for prefix in prefixes):
                notes.append(f"{variable} is set, but the account does not exist")
        elif upper not in known and (meant := nearest(upper, known)):
            notes.append(f"{variable} is not a setting; did you mean {meant}?")
    return tuple(notes)
