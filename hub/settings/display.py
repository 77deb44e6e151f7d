"""Shows settings: an example file, and the current values with their origins."""

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
    """One setting for display; secrets are `***`."""

    key: str
    value: str
    origin: str


Models = Mapping[tuple[str, str], type[AccountSettings]]
"""The account settings by vendor and platform, the default platform first."""


def example(models: Models) -> str:
    """A settings file that explains every setting, with an account for each vendor and platform; all commented out.

    Lines that start with `#` and no space are settings: remove the `#` to use them.
    """
    lines = [
        "# Settings of the hub. Each line that starts with # and no space shows a setting and its default:",
        "# remove the # to change it. Never put secrets in this file.",
        "",
        *_explained(HubSettings, "HUB_", ""),
    ]
    for (vendor, platform), model in models.items():
        name = "-".join(filter(None, (vendor, platform))).replace("_", "-")
        where = f"{vendor}, {platform}" if platform else vendor
        lines += [f"# One account at {where}; choose any name, and add as many as you need.", ""]
        lines += [f"#[accounts.{name}]", f'#vendor = "{vendor}"', ""]
        lines += _explained(model, account_prefix(name), f"{name}.")
    return "\n".join(lines).rstrip() + "\n"


def show(loaded: Loaded, models: Models) -> list[ShownSetting]:
    """All current settings: key, value with secrets masked, origin. An invalid account shows its error."""
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
    model = next((model for key, model in models.items() if key[0] == vendor and platform in {"", key[1]}), None)
    if model is None:
        # Without the plugin it is unknown which keys are secret.
        yield ShownSetting(
            f"accounts.{name}", f"error: no plugin for {vendor}" + (f", {platform}" if platform else ""), loaded.place
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
    """A value for a setting without a default: its example, or an empty value of its type."""
    if field.examples:
        return to_jsonable_python(field.examples[0])
    empty = {int: 0, float: 0.0, bool: False}
    return empty.get(field.annotation, "") if isinstance(field.annotation, type) else ""


def _toml(value: Any) -> str:
    """The value on one line, so that one `#` comments out the whole setting."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").rstrip("\n")
