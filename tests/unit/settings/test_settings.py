"""Settings: their sources and precedence, their errors, and what is told of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import keyring
import pytest
from keyring.backend import KeyringBackend
from pydantic import Field, SecretStr, field_validator, model_validator

from hub import settings
from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.settings import HubSettings
from hub.settings.sources import is_secret

SECRET = "canary-5f1e"


class AcmeSettings(AccountSettings):
    """What a vendor's plugin adds."""

    vendor: Literal["acme"] = Field("acme", title="Vendor", description="Always acme.")
    base_url: str = Field(title="Address", description="Root of the interface.", examples=["https://acme.example"])
    password: SecretStr = Field(title="Password", description="Of the account.")
    token: SecretStr | None = Field(None, title="Token", description="Where it wants one.")
    groups: tuple[str, ...] = Field((), title="Groups", description="Whose cases are read.")

    @field_validator("base_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if not value.startswith("https://"):
            raise ValueError("must start with https://")
        return value

    @model_validator(mode="after")
    def _quotes_the_secret(self) -> AcmeSettings:
        if self.base_url.endswith("/odd"):
            raise ValueError(f"can't use {self.password.get_secret_value()} there")
        return self


MODELS = {("acme", ""): AcmeSettings}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine reach a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def write(tmp_path: Path):
    """Writes hub.toml and gives its path."""

    def written(text: str) -> Path:
        path = tmp_path / "hub.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


ACME = '[accounts.acme-east]\nvendor = "acme"\nbase_url = "https://a.example"\n'


def account(path: Path, env: dict[str, str] | None = None) -> AcmeSettings:
    loaded = settings.load(path, env or {})
    return settings.account_settings("acme-east", loaded.settings.accounts["acme-east"], AcmeSettings, loaded)


def told(error: pytest.ExceptionInfo[SettingsError]) -> str:
    """All that a person or a log gets to see of an error, its causes included."""
    seen, parts = error.value, []
    while seen is not None:
        parts += [repr(seen), str(seen), str(getattr(seen, "next_step", ""))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


def test_without_a_file_the_defaults_hold() -> None:
    """The hub starts with nothing configured."""
    loaded = settings.load(env={})
    assert loaded.path is None
    assert loaded.settings.prefix == "RJR"
    assert loaded.settings.accounts == {}
    assert set(loaded.origins.values()) == {"default"}


def test_the_environment_wins_over_the_file(write) -> None:
    """A variable beats the file, the file beats the default, and the origins say so."""
    path = write('batch = 7\nprefix = "ABC"\n')
    loaded = settings.load(path, {"HUB_BATCH": "9", "OTHER": "x"})
    assert (loaded.settings.batch, loaded.settings.prefix) == (9, "ABC")
    assert loaded.origins["batch"] == "environment"
    assert loaded.origins["prefix"] == str(path)
    assert loaded.origins["log_level"] == "default"


def test_an_empty_variable_counts_as_unset(write) -> None:
    """`HUB_BATCH=` does not hide the file's value."""
    assert settings.load(write("batch = 7\n"), {"HUB_BATCH": ""}).settings.batch == 7


@pytest.mark.parametrize("text", ["a, b", '["a", "b"]'])
def test_lists_in_the_environment(text: str) -> None:
    """A list may be written with commas or as JSON."""
    assert settings.load(env={"HUB_BLOCKED_PLUGINS": text}).settings.blocked_plugins == ("a", "b")


def test_the_file_is_found(tmp_path: Path, write) -> None:
    """HUB_CONFIG is looked at first, then ./hub.toml, then the user's config folder."""
    home = tmp_path / "config" / "rjr-hub" / "hub.toml"
    home.parent.mkdir(parents=True)
    home.write_text("batch = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("batch = 3\n")
    assert settings.load(env={}).settings.batch == 1
    write("batch = 2\n")
    assert settings.load(env={}).settings.batch == 2
    assert settings.load(env={"HUB_CONFIG": str(other)}).settings.batch == 3


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file that somebody named and that isn't there is an error, not a default."""
    with pytest.raises(SettingsError, match=r"gone\.toml: can't be read \(FileNotFoundError\)"):
        settings.load(env={"HUB_CONFIG": str(tmp_path / "gone.toml")})


def test_folders_are_taken_from_beside_the_file(tmp_path: Path, write) -> None:
    """Relative folders in the file start where the file lies."""
    loaded = settings.load(write('data_dir = "data"\nsecrets_dir = "secrets"\n'), {})
    assert loaded.settings.data_dir == tmp_path / "data"
    assert loaded.settings.secrets_dir == tmp_path / "secrets"


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("batchh = 1\n", "batchh is not a setting", "did you mean batch?"),
        ("batch = 'many'\n", "batch: input should be a valid integer", "HUB_BATCH"),
        ("batch = 0\n", "batch: input should be greater than or equal to 1", "HUB_BATCH"),
        ("batch = 1\nprefix = \n", "not valid TOML at line 2", "correct that line"),
        (ACME.replace("acme-east", "Acme"), "accounts.Acme: the name is not valid", "lower-case"),
        ("[accounts.acme]\n", "accounts.acme.vendor is missing", 'vendor = "..."'),
        (ACME + ACME.replace("-", "_"), "share their environment variables", "rename one"),
        ("accounts = 3\n", "accounts: input should be a valid dictionary", "correct it"),
    ],
)
def test_an_error_names_file_key_and_remedy(write, text: str, place: str, remedy: str) -> None:
    """Whoever reads the error knows where to go and what to do."""
    path = write(text)
    with pytest.raises(SettingsError) as error:
        settings.load(path, {})
    assert error.value.message.startswith(str(path))
    assert place in error.value.message
    assert remedy in error.value.next_step


def test_a_wrong_variable_is_named_as_such(write) -> None:
    """A wrong value of the environment is not blamed on the file."""
    with pytest.raises(SettingsError, match=r"^environment: batch: "):
        settings.load(write("batch = 1\n"), {"HUB_BATCH": "many"})


def test_a_list_that_cannot_be_read_is_an_error() -> None:
    """Broken JSON in a variable is told without its content."""
    with pytest.raises(SettingsError, match="is not a valid list or table") as error:
        settings.load(env={"HUB_BLOCKED_PLUGINS": f'["{SECRET}'})
    assert SECRET not in told(error)


def test_a_misspelt_variable_is_noted() -> None:
    """Other programs may use HUB_ too: what looks like a slip is noted, the rest is let be."""
    loaded = settings.load(
        env={"HUB_LEASE_SECOND": "3", "HUB_TOKEN_XYZZY": "x", "HUB_ACCOUNTS__ACNE__PASSWORD": SECRET}
    )
    assert loaded.notes == (
        "HUB_ACCOUNTS__ACNE__PASSWORD is set, but the account does not exist",
        "HUB_LEASE_SECOND is not a setting; did you mean HUB_LEASE_SECONDS?",
    )
    assert SECRET not in repr(loaded)


def test_a_secret_of_the_hub_comes_by_folder_or_variable(tmp_path: Path, write) -> None:
    """The database's address: variable over file in the secrets folder."""
    (tmp_path / "database_url").write_text(f"postgresql://{SECRET}@db/hub\n")
    path = write('secrets_dir = "."\n')
    loaded = settings.load(path, {})
    assert loaded.settings.database_url is not None
    assert loaded.settings.database_url.get_secret_value() == f"postgresql://{SECRET}@db/hub"
    assert loaded.origins["database_url"] == "secrets folder"
    loaded = settings.load(path, {"HUB_DATABASE_URL": "postgresql://other"})
    assert loaded.settings.database_url is not None
    assert loaded.settings.database_url.get_secret_value() == "postgresql://other"


@pytest.mark.parametrize("key", ["database_url", "accounts.acme-east.password"])
def test_a_secret_in_the_file_is_refused(write, key: str) -> None:
    """Secrets don't belong in the file: the error names the better places and not the secret."""
    line = f'{key.rsplit(".", maxsplit=1)[-1]} = "{SECRET}"\n'
    path = write(ACME + line if "." in key else line)
    with pytest.raises(SettingsError) as error:
        account(path)
    assert f"{path}: {key} is a secret" in error.value.message
    assert "HUB_" in error.value.next_step
    assert SECRET not in told(error)


def test_an_accounts_secret_by_each_way(tmp_path: Path, write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variable over secrets folder over keyring."""

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return "ring" if (service, username) == ("rjr-hub", "acme-east.password") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise AssertionError

    monkeypatch.setattr(keyring, "get_password", Ring().get_password)
    path = write("use_keyring = true\nsecrets_dir = '.'\n" + ACME)
    assert account(path).password.get_secret_value() == "ring"
    (tmp_path / "acme-east.password").write_text("folder\n")
    assert account(path).password.get_secret_value() == "folder"
    env = {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": "variable"}
    assert account(path, env).password.get_secret_value() == "variable"


def test_the_keyring_is_asked_only_when_wanted(write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without use_keyring nothing opens the keyring; with it, its failure is told clearly."""

    def locked(service: str, username: str) -> str | None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(keyring, "get_password", locked)
    env = {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": "x"}
    assert account(write(ACME), env).token is None
    with pytest.raises(SettingsError, match=r"keyring failed for database_url") as error:
        account(write("use_keyring = true\n" + ACME), env)
    assert "use_keyring = false" in error.value.next_step
    assert SECRET not in str(error.value)


def test_a_missing_secret_names_its_variable(write) -> None:
    """The operator reads the exact name of the variable to set."""
    with pytest.raises(SettingsError) as error:
        account(write(ACME))
    assert "accounts.acme-east.password is missing" in error.value.message
    assert "HUB_ACCOUNTS__ACME_EAST__PASSWORD" in error.value.next_step
    assert "acme-east.password" in error.value.next_step


@pytest.mark.parametrize(
    ("line", "place", "remedy"),
    [
        ("base_urll = 'x'", "accounts.acme-east.base_urll is not a setting", "accounts.acme-east.base_url?"),
        ("concurrency = 0", "accounts.acme-east.concurrency: input", "HUB_ACCOUNTS__ACME_EAST__CONCURRENCY"),
        ("merge = {title = 'me'}", "accounts.acme-east.merge.title: input should be 'rjr'", "correct it"),
    ],
)
def test_an_accounts_error_names_file_key_and_remedy(write, line: str, place: str, remedy: str) -> None:
    """Errors inside an account's table are as exact as those above it."""
    path = write(f"{ACME}{line}\n")
    with pytest.raises(SettingsError) as error:
        account(path, {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": SECRET})
    assert str(path) in error.value.message
    assert place in error.value.message
    assert remedy in error.value.next_step
    assert SECRET not in told(error)


def test_a_plugins_own_check_does_not_leak(write) -> None:
    """Even when a plugin's validator quotes the secret, the error does not."""
    with pytest.raises(SettingsError, match=r"can't use \*\*\* there") as error:
        account(write(ACME.replace("a.example", "a.example/odd")), {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": SECRET})
    assert SECRET not in told(error)


def test_an_accounts_variables(write) -> None:
    """Every field of an account has its variable; a misspelt one is an error with the nearest name."""
    env = {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": "x", "HUB_ACCOUNTS__ACME_EAST__GROUPS": "one,two"}
    assert account(write(ACME), env).groups == ("one", "two")
    with pytest.raises(SettingsError, match="passwordd is not a setting") as error:
        account(write(ACME), {"HUB_ACCOUNTS__ACME_EAST__PASSWORDD": SECRET})
    assert error.value.next_step == "did you mean accounts.acme-east.password?"
    assert SECRET not in told(error)


def test_an_account_by_environment_alone() -> None:
    """A container needs no file: the VENDOR variable brings an account into being."""
    env = {
        "HUB_ACCOUNTS__ACME__VENDOR": "acme",
        "HUB_ACCOUNTS__ACME__BASE_URL": "https://a.example",
        "HUB_ACCOUNTS__ACME__PASSWORD": "x",
    }
    loaded = settings.load(env=env)
    assert loaded.settings.accounts == {"acme": {"vendor": "acme"}}
    built = settings.account_settings("acme", loaded.settings.accounts["acme"], AcmeSettings, loaded)
    assert built.base_url == "https://a.example"


def test_a_missing_field_names_its_key_and_variable(write) -> None:
    """A field without a default that nobody set is told with both ways to set it."""
    path = write('[accounts.acme-east]\nvendor = "acme"\n')
    with pytest.raises(SettingsError, match=r"accounts\.acme-east\.base_url is missing") as error:
        account(path, {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": "x"})
    assert "HUB_ACCOUNTS__ACME_EAST__BASE_URL" in error.value.next_step


def test_files_that_are_no_text_are_told(tmp_path: Path, write) -> None:
    """Bytes that aren't UTF-8 are an error with a remedy, in the file and in the secrets folder."""
    (tmp_path / "latin.toml").write_bytes(b"prefix = '\xe9'")
    with pytest.raises(SettingsError, match="not UTF-8 text"):
        settings.load(tmp_path / "latin.toml", {})
    (tmp_path / "database_url").write_bytes(b"\xff\xfe" + SECRET.encode())
    with pytest.raises(SettingsError, match=r"database_url: the secret can't be read") as error:
        settings.load(write("secrets_dir = '.'\n"), {})
    assert SECRET not in str(error.value)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Editors on Windows put one there."""
    (tmp_path / "hub.toml").write_bytes(b"\xef\xbb\xbfbatch = 5\n")
    assert settings.load(env={}).settings.batch == 5


def test_the_example_writes_tables_and_odd_texts() -> None:
    """Defaults of every kind survive the way into TOML and back."""

    class OddSettings(AccountSettings):
        words: dict[str, str] = Field({'a "b"': "é\n\x7f\\"}, title="Words", description="By word.")
        numbers: tuple[float, ...] = Field((1.5, 2, float("inf")), title="Numbers", description="Some.")
        count: int = Field(title="Count", description="Without a default.")

    text = uncommented(settings.example({("odd", ""): OddSettings}))
    table = tomllib.loads(text)["accounts"]["odd"]
    assert table["words"] == {'a "b"': "é\n\x7f\\"}
    assert (table["numbers"], table["count"]) == ([1.5, 2, float("inf")], 0)


def test_settings_are_frozen() -> None:
    """Nothing changes a setting after the start."""
    loaded = settings.load(env={})
    with pytest.raises(ValueError, match="frozen"):
        loaded.settings.batch = 1


@pytest.mark.parametrize("model", [HubSettings, AccountSettings])
def test_every_field_is_titled_and_described(model) -> None:
    """The example and the settings page are made of titles and descriptions."""
    assert [name for name, field in model.model_fields.items() if not (field.title and field.description)] == []


def uncommented(text: str) -> str:
    return "\n".join(line[1:] if line[:1] == "#" and line[1:2] not in ("", " ") else line for line in text.splitlines())


def test_the_example_loads_as_it_is_and_uncommented(write) -> None:
    """The example changes nothing as written; with every setting taken in it holds the defaults."""
    text = settings.example(MODELS)
    assert tomllib.loads(text) == {}
    loaded = settings.load(write(uncommented(text)), {})
    defaults = settings.load(env={"HUB_CONFIG": str(write(""))}).settings
    assert loaded.settings.model_copy(update={"accounts": {}}) == defaults
    built = settings.account_settings(
        "acme",
        loaded.settings.accounts["acme"],
        AcmeSettings,
        settings.load(write(uncommented(text)), {"HUB_ACCOUNTS__ACME__PASSWORD": "x"}),
    )
    assert built == AcmeSettings(base_url="https://acme.example", password=SecretStr("x"))


def test_the_example_explains_every_field() -> None:
    """Each setting of the hub and of the vendor is in the example; secrets with their variable."""
    text = settings.example(MODELS)
    wrapped = " ".join(text.replace("\n#", " ").split())
    for model in (HubSettings, AcmeSettings):
        for name, field in model.model_fields.items():
            if name not in ("accounts", "vendor"):
                assert f"{field.title}: {field.description}" in wrapped
    assert "HUB_ACCOUNTS__ACME__PASSWORD" in text
    assert str(Path.home()) not in text


def test_showing_masks_secrets(write) -> None:
    """What is shown carries origins and no secret, not even one inside an address."""
    path = write(ACME.replace("//", f"//user:{SECRET}@") + "[accounts.zeta]\nvendor = 'zeta'\nkey = 'canary-zeta'\n")
    env = {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": SECRET, "HUB_DATABASE_URL": SECRET}
    rows = settings.show(settings.load(path, env), MODELS)
    by_key = {row.key: row for row in rows}
    assert by_key["database_url"][1:] == ("***", "environment")
    assert by_key["accounts.acme-east.password"][1:] == ("***", "environment")
    assert by_key["accounts.acme-east.token"][1:] == ("", "default")
    assert by_key["accounts.acme-east.base_url"][1:] == ("https://***@a.example", str(path))
    assert by_key["accounts.acme-east.concurrency"][1:] == ("8", "default")
    assert "no plugin for zeta" in by_key["accounts.zeta"].value
    assert not [row for row in rows if "canary" in "".join(row)]


def test_showing_outlives_a_broken_account(write) -> None:
    """One account that can't be built does not hide the others."""
    rows = settings.show(settings.load(write(ACME), {}), MODELS)
    assert next(row for row in rows if row.key == "accounts.acme-east").value.startswith("error: ")


def test_secrets_are_recognised_wherever_they_stand() -> None:
    """A secret in a union or a container is a secret."""
    assert is_secret(SecretStr | None)
    assert is_secret(dict[str, tuple[SecretStr, ...]])
    assert not is_secret(str | None)
