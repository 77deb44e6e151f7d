"""Tells the settings to people: an example file, and what is set with its origin."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import tomli_w
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.settings.accounts import read_account
from hub.settings.layers import Loaded, account_prefix
from hub.settings.model import HubSettings
from hub.settings.sources import is_secret

MASK = "***"


class ShownSetting(NamedTuple):
    """One setting as it may be shown: secrets are `***`."""

    key: str
    value: str
    origin: str


Models = Mapping[tuple[str, str], type[AccountSettings]]
"""The settings of an account by vendor and platform, the default platform first."""


def example(models: Models) -> str:
    """A settings file that explains every setting, with an account for each vendor and system; none is in force.

    Lines that start with `#` and no blank are settings: take the `#` away to use them.
    """
    lines = [
        "# Settings of the hub. Each line that starts with # and no blank shows a setting and its default:",
        "# take the # away to change it. Secrets never stand in this file.",
        "",
        *_explained(HubSettings, "HUB_", ""),
    ]
    for (vendor, platform), model in models.items():
        name = "-".join(filter(None, (vendor, platform))).replace("_", "-")
        where = f"{vendor}, {platform}" if platform else vendor
        lines += [f"# One account at {where}; the name is free, and there can be several.", ""]
        lines += [f"#[accounts.{name}]", f'#vendor = "{vendor}"', ""]
        lines += _explained(model, account_prefix(name), f"{name}.")
    return "\n".join(lines).rstrip() + "\n"


def show(loaded: Loaded, models: Models) -> list[ShownSetting]:
    """All settings in force: key, value with secrets masked, origin. A broken account shows its error."""
    rows = [
        ShownSetting(key, _masked(field, getattr(loaded.settings, key)), loaded.origins[key])
        for key, field in HubSettings.model_fields.items()
        if key != "accounts"
    ]
    for name, raw in sorted(loaded.settings.accounts.items()):
        rows += _shown_account(name, raw, models, loaded)
    return rows


def _shown_account(name: str, raw: Mapping[str, Any], models: Models, loaded: Loaded) -> Iterator[ShownSetting]:
    vendor, platform = str(raw.get("vendor", "")), str(raw.get("platform", ""))
    model = next((one for (who, where), one in models.items() if who == vendor and platform in {"", where}), None)
    if model is None:
        # Without the plugin nobody knows which of the keys are secret.
        yield ShownSetting(
            f"accounts.{name}",
            f"error: no plugin speaks for {vendor}" + (f", {platform}" if platform else ""),
            loaded.place,
        )
        return
    try:
        settings, origins = read_account(name, raw, model, loaded)
    except SettingsError as error:
        yield ShownSetting(f"accounts.{name}", f"error: {error.message}", loaded.place)
        return
    for key, field in model.model_fields.items():
        yield ShownSetting(f"accounts.{name}.{key}", _masked(field, getattr(settings, key)), origins[key])


def _masked(field: FieldInfo, value: Any) -> str:
    if is_secret(field.annotation):
        return MASK if value else ""
    plain = to_jsonable_python(value)
    text = plain if isinstance(plain, str) else "" if plain is None else json.dumps(plain, ensure_ascii=False)
    return re.sub(r"//[^/@\s]*@", f"//{MASK}@", text)


def _explained(model: type[BaseModel], variables: str, stem: str) -> Iterator[str]:
    for key, field in model.model_fields.items():
        if key in ("accounts", "vendor"):
            continue
        yield from textwrap.wrap(
            f"{field.title}: {field.description}", 100, initial_indent="# ", subsequent_indent="# "
        )
        if is_secret(field.annotation):
            yield f"# {key} is a secret: {variables}{key.upper()}, file {stem}{key}, or the keyring."
        elif field.is_required():
            yield f"#{key} = {_toml(_sample(field))}"
        elif field.default_factory is not None or field.default is None:
            yield f"# {key} is not set by default."
        else:
            yield f"#{key} = {_toml(to_jsonable_python(field.default))}"
        yield ""


def _sample(field: FieldInfo) -> Any:
    """A value for a setting that has no default: the author's example, or an empty one of its type."""
    if field.examples:
        return to_jsonable_python(field.examples[0])
    empty = {int: 0, float: 0.0, bool: False}
    return empty.get(field.annotation, "") if isinstance(field.annotation, type) else ""


def _toml(value: Any) -> str:
    """The value on one line, for a `#` before it to switch off the whole setting."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").rstrip("\n")
