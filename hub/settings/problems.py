"""Turns an invalid setting into an error with location, key and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from hub.errors import SettingsError
from hub.settings.sources import secret_fields

M = TypeVar("M", bound=BaseModel)


def nearest(name: str, known: Iterable[str]) -> str:
    """The most similar known name, or an empty string."""
    return next(iter(get_close_matches(name, list(known), n=1)), "")


def unknown_key(place: str, stem: str, key: str, known: Iterable[str]) -> SettingsError:
    """The error for an unknown key."""
    suggestion = nearest(key, known)
    return SettingsError(
        f"{place}: {stem}{key} is not a setting",
        next_step=f"did you mean {stem}{suggestion}?"
        if suggestion
        else f"remove it; known settings: {', '.join(sorted(known))}",
    )


def secret_in_file(place: str, key: str, variable: str, secret_file: str) -> SettingsError:
    """The error for a secret in the settings file."""
    return SettingsError(
        f"{place}: {key} is a secret and must not be in this file",
        next_step=f"remove it, replace it at its source, and set the new one as {variable}, "
        f"as file {secret_file} in secrets_dir, or in the keyring",
    )


def build(
    model: type[M], values: Mapping[str, Any], *, stem: str, origins: Mapping[str, str], place: str, variables: str
) -> M:
    """The model built from the values; raises SettingsError for the first error.

    `stem` precedes each key in messages (`accounts.acme.`), `origins` has the origin of each value, `place` is the
    file, and `variables` the prefix of the environment variables that set the same keys.
    """
    try:
        return model(**values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # Raised outside the handler: the original exception contains the values.
    path = [str(part) for part in problem["loc"]]
    key = path[0] if path else ""
    if problem["type"] == "extra_forbidden" and len(path) == 1:
        raise unknown_key(origins.get(key, place), stem, key, model.model_fields)
    secret = key in secret_fields(model)
    if problem["type"] == "missing" and len(path) == 1:
        raise _missing(place, stem + key, variables + key.upper(), secret=secret)
    reason = "the value is not valid" if secret else _masked(problem["msg"], model, values)
    full_key = stem + ".".join(path) if path else stem.rstrip(".") or "settings"
    raise SettingsError(
        f"{_place(origins.get(key, place), place)}: {full_key}: {reason[:1].lower()}{reason[1:]}",
        next_step=f"correct it{f', or set {variables}{key.upper()}' if key else ''}",
    )


def _missing(place: str, key: str, variable: str, *, secret: bool) -> SettingsError:
    if secret:
        return SettingsError(
            f"{place}: the secret {key} is missing",
            next_step=f"set {variable}, add the file {key.removeprefix('accounts.')} to secrets_dir, "
            "or use the keyring (use_keyring = true)",
        )
    return SettingsError(f"{place}: {key} is missing", next_step=f"add it to the file, or set {variable}")


def _place(origin: str, place: str) -> str:
    return place if origin == "default" else origin


def _masked(text: str, model: type[BaseModel], values: Mapping[str, Any]) -> str:
    """Masks secrets in a message, since a plugin's own check may quote values."""
    for key in secret_fields(model):
        value = values.get(key)
        secret_text = value.get_secret_value() if isinstance(value, SecretStr | SecretBytes) else value
        if isinstance(secret_text, str) and secret_text:
            text = text.replace(secret_text, "***")
    return text
