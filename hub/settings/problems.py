"""Turns what is wrong with a setting into an error that names the place, the key and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from hub.errors import SettingsError
from hub.settings.sources import secret_fields

M = TypeVar("M", bound=BaseModel)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was most likely meant, or nothing."""
    return next(iter(get_close_matches(name, list(known), n=1)), "")


def unknown_key(place: str, stem: str, key: str, known: Iterable[str]) -> SettingsError:
    """A key that no setting has."""
    meant = nearest(key, known)
    return SettingsError(
        f"{place}: {stem}{key} is not a setting",
        next_step=f"did you mean {stem}{meant}?" if meant else f"remove it; known are {', '.join(sorted(known))}",
    )


def secret_in_file(place: str, key: str, variable: str, secret_file: str) -> SettingsError:
    """A secret that stands in the settings file."""
    return SettingsError(
        f"{place}: {key} is a secret and does not belong in this file",
        next_step=f"remove it there, replace it at its source, and give it as {variable}, "
        f"as file {secret_file} in secrets_dir, or by the keyring",
    )


def build(
    model: type[M], values: Mapping[str, Any], *, stem: str, origins: Mapping[str, str], place: str, variables: str
) -> M:
    """The model made of the values; raises SettingsError for the first thing that is wrong.

    `stem` leads each key in messages (`accounts.acme.`), `origins` tells where a value came from, `place` is
    the file, and `variables` the prefix of the environment variables that can set the same keys.
    """
    try:
        return model(**values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # Raised outside the handler: the original would carry the values along.
    path = [str(part) for part in found["loc"]]
    key = path[0] if path else ""
    if found["type"] == "extra_forbidden" and len(path) == 1:
        raise unknown_key(origins.get(key, place), stem, key, model.model_fields)
    secret = key in secret_fields(model)
    if found["type"] == "missing" and len(path) == 1:
        raise _missing(place, stem + key, variables + key.upper(), secret=secret)
    reason = "the value can't be used" if secret else _masked(found["msg"], model, values)
    named = stem + ".".join(path) if path else stem.rstrip(".") or "settings"
    raise SettingsError(
        f"{_place(origins.get(key, place), place)}: {named}: {reason[:1].lower()}{reason[1:]}",
        next_step=f"correct it{f', or set {variables}{key.upper()}' if key else ''}",
    )


def _missing(place: str, key: str, variable: str, *, secret: bool) -> SettingsError:
    if secret:
        return SettingsError(
            f"{place}: the secret {key} is missing",
            next_step=f"give it as {variable}, as file {key.removeprefix('accounts.')} in secrets_dir, "
            "or by the keyring (use_keyring = true)",
        )
    return SettingsError(f"{place}: {key} is missing", next_step=f"add it to the file, or give it as {variable}")


def _place(origin: str, place: str) -> str:
    return place if origin == "default" else origin


def _masked(text: str, model: type[BaseModel], values: Mapping[str, Any]) -> str:
    """A plugin's own check may quote what it saw; secrets are taken out of its words."""
    for key in secret_fields(model):
        value = values.get(key)
        shown = value.get_secret_value() if isinstance(value, SecretStr | SecretBytes) else value
        if isinstance(shown, str) and shown:
            text = text.replace(shown, "***")
    return text
