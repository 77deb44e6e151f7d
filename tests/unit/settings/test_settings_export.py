"""An account written as TOML is read back as it was."""

from __future__ import annotations

import math
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr

from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.settings import export_account


class AcmeSettings(AccountSettings):
    """What a vendor's plugin adds."""

    password: SecretStr = Field(title="Password", description="Of the account.")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(PLAIN, lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXTS, part, max_size=4))
TABLES = st.dictionaries(TEXTS.filter(lambda key: key != "password"), VALUES, max_size=6)


def read(text: str, name: str = "acme-east") -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(text)["accounts"][name]
    return table


@given(TABLES)
def test_what_is_written_is_read_back(account: dict[str, Any]) -> None:
    """Texts of any characters, numbers, lists and tables keep value and kind; a file that holds them is UTF-8."""
    text, variables = export_account("acme-east", AcmeSettings, account)
    assert read(text.encode().decode()) == account
    assert repr(_sorted(read(text))) == repr(_sorted(account))
    assert variables == {}


def _sorted(value: Any) -> Any:
    """The value with its tables in order: TOML writes a table's own tables last."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(part) for part in value] if isinstance(value, list) else value


def test_secrets_leave_for_the_environment() -> None:
    """A secret is no part of the text; the order of the other keys is kept."""
    text, variables = export_account(
        "acme-east", AcmeSettings, {"vendor": "acme", "password": "geheim\x7f", "batch": 5}
    )
    assert text == '[accounts.acme-east]\nvendor = "acme"\nbatch = 5\n'
    assert variables == {"HUB_ACCOUNTS__ACME_EAST__PASSWORD": "geheim\x7f"}


def test_numbers_without_a_value_are_tomls_own() -> None:
    """Infinity and not-a-number are written as TOML names them."""
    text, _ = export_account("acme", AcmeSettings, {"most": math.inf, "least": -math.inf, "none": math.nan})
    assert text == "[accounts.acme]\nmost = inf\nleast = -inf\nnone = nan\n"
    assert math.isnan(read(text, "acme")["none"])


def test_sets_and_tuples_are_lists() -> None:
    """What a plugin's simulator may give besides lists is written as one."""
    text, _ = export_account("acme", AcmeSettings, {"groups": ("a", "b"), "kinds": frozenset({"x"})})
    assert read(text, "acme") == {"groups": ["a", "b"], "kinds": ["x"]}


@pytest.mark.parametrize(
    ("account", "place"),
    [
        ({"port": None}, "accounts.acme.port"),
        ({"words": {"new": None}}, "accounts.acme.words.new"),
        ({"groups": ["a", None]}, "accounts.acme.groups[1]"),
    ],
)
def test_nothing_is_no_value(account: dict[str, Any], place: str) -> None:
    """None is refused wherever it is, by the place where it is: TOML has no word for it."""
    with pytest.raises(SettingsError, match="None") as caught:
        export_account("acme", AcmeSettings, account)
    assert caught.value.message.startswith(f"{place} is None")
