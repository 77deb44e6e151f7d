"""What can be set for the hub as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ENV_PREFIX = "HUB_"
ACCOUNT_NAME = r"[a-z0-9]+([_-][a-z0-9]+)*"


def user_data() -> Path:
    """The folder where this system keeps a user's application data; makes nothing."""
    return Path(platformdirs.user_data_dir("rjr-hub", appauthor=False))


class HubSettings(BaseSettings):
    """The hub's settings. Closed and frozen; built by `hub.settings.load`, which knows the origins."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Field(
        default_factory=user_data,
        title="Data folder",
        description="Where the embedded database and all other data live; the user's data folder by default.",
    )
    database_url: SecretStr | None = Field(
        None,
        title="Database",
        description="Address of a PostgreSQL server; without one the hub starts its own in the data folder.",
    )
    prefix: str = Field(
        "RJR",
        pattern=r"^[A-Z][A-Z0-9]{0,9}$",
        title="Ticket prefix",
        description="Begins every ticket number, as RJR in RJR-000042.",
    )
    blocked_plugins: tuple[str, ...] = Field(
        (), title="Blocked plugins", description="Plugins, by name, that are never loaded."
    )
    trace_hooks: bool = Field(
        False,
        title="Trace hooks",
        description="Log each hook call with ids, outcome and duration; texts are never logged.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", title="Log level", description="The least severe message that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        "text", title="Log format", description="Lines for people, or one JSON object per line."
    )
    lease_seconds: float = Field(
        30, ge=1, title="Lease", description="Seconds that a worker may act for a bond or stream unrenewed."
    )
    idle_poll_seconds: float = Field(
        5, gt=0, title="Idle poll", description="Seconds between two looks for work when nothing wakes a worker."
    )
    grace_seconds: float = Field(
        20, ge=0, title="Grace", description="Seconds that a stopping worker has to finish what it began."
    )
    batch: int = Field(64, ge=1, le=10_000, title="Batch", description="The most bonds that one claim takes.")
    reconcile_hours: float = Field(
        24, gt=0, title="Reconcile interval", description="Hours in which every live bond is compared with its case."
    )
    offer: Path | None = Field(
        None,
        title="Offer",
        description="A TOML file with plans, goals and calendars; without one the hub's own offer holds.",
    )
    policy: Path | None = Field(
        None,
        title="Policy",
        description="A TOML file with what happens as promises run out; without one the hub's own policy holds.",
    )
    people: Path | None = Field(
        None,
        title="People",
        description="A TOML file with who is told in which role, and how; without one nobody is told.",
    )
    mail_password: SecretStr | None = Field(
        None, title="Mail password", description="Of the server that the people's file names under [mail]."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        title="Webhook secret",
        description="Signs the hub's own webhooks: whsec_ and base64, several with blanks while one replaces another.",
    )
    serve_host: str = Field(
        "127.0.0.1",
        title="Receiver's address",
        description="Where `hub serve` listens; a reverse proxy with TLS stands before it.",
    )
    serve_port: int = Field(
        8080, ge=0, le=65535, title="Receiver's port", description="Of `hub serve`; 0 takes a free one."
    )
    answer_phrases: Path | None = Field(
        None,
        title="Phrases of machines and people",
        description="A file instead of the hub's own answers.toml, which tells answers from automatic replies.",
    )
    answer_words: Path | None = Field(
        None,
        title="Words of machines and people",
        description="A file instead of the hub's own words.toml, learnt from texts of one's own.",
    )
    secrets_dir: Path | None = Field(
        None,
        title="Secrets folder",
        description="A folder with one file per secret: database_url, or ACCOUNT.FIELD for an account's.",
    )
    use_keyring: bool = Field(
        False,
        title="Use the keyring",
        description="Ask the system's keyring (service rjr-hub, user ACCOUNT.FIELD) for missing secrets.",
    )
    accounts: dict[str, dict[str, Any]] = Field(
        {}, title="Accounts", description="One table per login at a vendor, [accounts.NAME], with its vendor."
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("data_dir", "offer", "policy", "people", "secrets_dir", "answer_phrases", "answer_words")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
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
        """Nothing is read behind `load`'s back, so that the origin of every value is known."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
