"""The single sources of settings: environment, secrets folder, keyring; each gives the values it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from hub.errors import SettingsError

KEYRING_SERVICE = "rjr-hub"


def is_secret(annotation: Any) -> bool:
    """Whether a field of this type holds a secret, alone or inside a union or container."""
    if isinstance(annotation, type) and issubclass(annotation, SecretStr | SecretBytes):
        return True
    return any(is_secret(part) for part in get_args(annotation))


def secret_fields(model: type[BaseModel]) -> list[str]:
    """Names of the model's fields that hold secrets."""
    return [name for name, field in model.model_fields.items() if is_secret(field.annotation)]


class _Environment(EnvSettingsSource):
    """Variables of one prefix; a list may be written as JSON or with commas."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        del field_name, field
        text = str(value).strip()
        if text[:1] in ("[", "{"):
            return json.loads(text)
        return [part.strip() for part in text.split(",") if part.strip()]


def from_environment(model: type[BaseModel], prefix: str, env: Mapping[str, str]) -> dict[str, Any]:
    """The model's values among the variables that start with the prefix; an empty one counts as unset."""
    # The source only looks at fields and config, which every model has.
    source = _Environment(cast("type[BaseSettings]", model), case_sensitive=False, env_prefix=prefix)
    source.env_vars = {name.lower(): value for name, value in env.items() if value}
    try:
        found = source()
    except ValueError:
        found = None
    if found is None:
        raise SettingsError(
            f"the environment: a {prefix}... variable holds a list or table that can't be read",
            next_step="write it as JSON, or a list with commas",
        )
    return {name: value for name, value in found.items() if name in model.model_fields}


def from_folder(folder: Path | None, file_name: str) -> str | None:
    """The secret in a file of the folder, without its last line break; None when there is no such file."""
    if folder is None:
        return None
    path = folder / file_name
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = type(error).__name__
    raise SettingsError(
        f"{path}: the secret can't be read ({reason})", next_step="let the hub's user read the file, as UTF-8 text"
    )


def from_keyring(user: str) -> str | None:
    """The secret that the system's keyring holds for the user; None when it holds none."""
    import keyring

    try:
        return keyring.get_password(KEYRING_SERVICE, user)
    except Exception as error:  # noqa: BLE001 - backends raise what they like
        reason = type(error).__name__
    raise SettingsError(
        f"the keyring gave no answer for {user} of service {KEYRING_SERVICE} ({reason})",
        next_step="unlock it, install a backend, or set use_keyring = false and give the secret another way",
    )
