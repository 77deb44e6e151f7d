"""The settings of the hub as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ENV_PREFIX = "HUB_"
ACCOUNT_NAME = r"[a-z0-9]+([_-][a-z0-9]+)*"


def user_data() -> Path:
    """The system's folder for a user's application data; does not create it."""
    return Path(platformdirs.user_data_dir("rjr-hub", appauthor=False))


class HubSettings(BaseSettings):
    """The hub's settings. Closed and frozen; built by `hub.settings.load`, which knows the origins."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Field(
        default_factory=user_data,
        title="Data folder",
        description="Folder of the embedded database and all other data; default: the user's data folder.",
    )
    database_url: SecretStr | None = Field(
        None,
        title="Database",
        description="URL of a PostgreSQL server; if empty, the hub runs its own in the data folder.",
    )
    prefix: str = Field(
        "RJR",
        pattern=r"^[A-Z][A-Z0-9]{0,9}$",
        title="Ticket prefix",
        description="Prefix of every ticket number, such as RJR in RJR-000042.",
    )
    blocked_plugins: tuple[str, ...] = Field(
        (), title="Blocked plugins", description="Names of plugins that are never loaded."
    )
    trace_hooks: bool = Field(
        False,
        title="Trace hooks",
        description="Log each hook call with ids, outcome and duration; texts are never logged.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", title="Log level", description="The lowest level that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        "text", title="Log format", description="Text lines, or one JSON object per line."
    )
    lease_seconds: float = Field(
        30,
        ge=1,
        title="Lease",
        description="Seconds until a worker's lease on a bond or stream expires unless renewed.",
    )
    idle_poll_seconds: float = Field(
        5, gt=0, title="Idle poll", description="Seconds between checks for work when no notification wakes a worker."
    )
    grace_seconds: float = Field(
        20, ge=0, title="Grace period", description="Seconds that a stopping worker has to finish its current work."
    )
    batch: int = Field(64, ge=1, le=10_000, title="Batch", description="The most bonds in one claim.")
    reconcile_hours: float = Field(
        24,
        gt=0,
        title="Reconcile interval",
        description="Hours within which every live bond is compared with its case.",
    )
    offer: Path | None = Field(
        None,
        title="Offer",
        description="A TOML file with plans, goals and calendars; default: the offer shipped with the hub.",
    )
    policy: Path | None = Field(
        None, title="Policy", description="A TOML file with escalation steps; default: the policy shipped with the hub."
    )
    people: Path | None = Field(
        None,
        title="People",
        description="A TOML file with the recipients of notifications by role; without it, none are sent.",
    )
    mail_password: SecretStr | None = Field(
        None, title="Mail password", description="Password of the mail server in the people file's table [mail]."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        title="Webhook secret",
        description="Signs the hub's own webhooks: whsec_ and base64; space-separated during rotation.",
    )
    serve_host: str = Field(
        "127.0.0.1",
        title="Receiver address",
        description="Address on which `hub serve` listens; put a TLS reverse proxy in front.",
    )
    serve_port: int = Field(
        8080, ge=0, le=65535, title="Receiver port", description="Port of `hub serve`; 0 picks a free one."
    )
    answer_phrases: Path | None = Field(
        None,
        title="Answer phrases",
        description="A file that replaces answers.toml, whose phrases distinguish answers from automatic replies.",
    )
    answer_words: Path | None = Field(
        None,
        title="Answer words",
        description="A file that replaces words.toml, with word weights trained on your own texts.",
    )
    secrets_dir: Path | None = Field(
        None,
        title="Secrets folder",
        description="A folder with one file per secret, named database_url, or ACCOUNT.FIELD for an account.",
    )
    use_keyring: bool = Field(
        False,
        title="Use the keyring",
        description="Read missing secrets from the system's keyring (service rjr-hub, user ACCOUNT.FIELD).",
    )
    accounts: dict[str, dict[str, Any]] = Field(
        {}, title="Accounts", description="One table [accounts.NAME] per login at a vendor."
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("data_dir", "offer", "policy", "people", "secrets_dir", "answer_phrases", "answer_words")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return value and value.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only `load` reads sources, so that the origin of every value is known."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
