"""The sources of settings besides the file: environment, secrets folder, keyring."""

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
    """Whether a field of this type contains a secret, directly or inside a union or container."""
    if isinstance(annotation, type) and issubclass(annotation, SecretStr | SecretBytes):
        return True
    return any(is_secret(item) for item in get_args(annotation))


def secret_fields(model: type[BaseModel]) -> list[str]:
    """Names of the model's secret fields."""
    return [name for name, field in model.model_fields.items() if is_secret(field.annotation)]


class _Environment(EnvSettingsSource):
    """Variables with one prefix; a list may be JSON or comma-separated."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        del field_name, field
        text = str(value).strip()
        if text[:1] in ("[", "{"):
            return json.loads(text)
        return [part.strip() for part in text.split(",") if part.strip()]


def from_environment(model: type[BaseModel], prefix: str, env: Mapping[str, str]) -> dict[str, Any]:
    """The model's values from the variables with this prefix; empty ones count as unset."""
    # The source uses only fields and config, which every model has.
    source = _Environment(cast("type[BaseSettings]", model), case_sensitive=False, env_prefix=prefix)
    source.env_vars = {name.lower(): value for name, value in env.items() if value}
    try:
        values = source()
    except ValueError:
        values = None
    if values is None:
        raise SettingsError(
            f"the environment: a {prefix}... variable is not a valid list or table",
            next_step="write it as JSON, or as a comma-separated list",
        )
    return {name: value for name, value in values.items() if name in model.model_fields}


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
        f"{path}: the secret can't be read ({reason})", next_step="make it readable by the hub's user, as UTF-8 text"
    )


def from_keyring(user: str) -> str | None:
    """The user's secret in the system's keyring; None when there is none."""
    import keyring

    try:
        return keyring.get_password(KEYRING_SERVICE, user)
    except Exception as error:  # noqa: BLE001 - backends raise anything
        reason = type(error).__name__
    raise SettingsError(
        f"the keyring failed for {user} of service {KEYRING_SERVICE} ({reason})",
        next_step="unlock it, install a backend, or set use_keyring = false and provide the secret another way",
    )
