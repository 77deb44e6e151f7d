"""The settings of an account, and what the plugin says of itself."""

from __future__ import annotations

from importlib import resources

import pytest
from pydantic import SecretStr, ValidationError

from hub.model import CaseStatus, Severity
from plugins.bmc_remedy import plugin as bmc
from plugins.bmc_remedy.settings import BmcSettings

from .conftest import make_settings


def test_each_setting_has_a_title_and_a_description() -> None:
    """Forms and help are made from them."""
    for name, field in BmcSettings.model_fields.items():
        assert field.title, name
        assert field.description, name


def test_secrets_are_typed_as_secrets() -> None:
    """Password and authentication string never show."""
    settings = make_settings(auth_string="0p3n")
    assert isinstance(settings.password, SecretStr)
    assert "s3cret" not in settings.model_dump_json() + repr(settings)
    assert "0p3n" not in settings.model_dump_json() + repr(settings)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"colour": "red"}, "colour"),
        ({"base_url": "remedy.example"}, "base_url"),
        ({"base_url": "https://user:pw@remedy.example"}, "base_url"),
        ({"password": ""}, "password"),
        ({"contact_first_name": ""}, "contact_first_name"),
        ({"note_summary": "RjR"}, "note_summary"),
        ({"note_summary": "{key}"}, "note_summary"),
        ({"note_summary": "{key} {key}"}, "note_summary"),
        ({"note_summary": "x" * 40 + "{key}"}, "note_summary"),
        ({"history_from": "2026-01-01T00:00:00"}, "history_from"),
        ({"patch_field": "ArticleTitle"}, "patch_text"),
        ({"patch_field": "a' OR 'b", "patch_text": "x"}, "patch_field"),
        ({"statuses": {"Frozen": "ice"}}, "statuses"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(changes: dict, says: str) -> None:
    """Before anything starts."""
    with pytest.raises(ValidationError) as caught:
        make_settings(**changes)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "given",
    ["https://h.example:8443", "https://h.example:8443/", "https://h.example:8443/api", "https://h.example:8443/api/"],
)
def test_the_address_may_end_in_api_or_not(given: str) -> None:
    """Both are the same server."""
    assert make_settings(given).base_url == "https://h.example:8443"


def test_words_are_read_from_plain_values() -> None:
    """As they stand in a settings file."""
    settings = make_settings(
        statuses={"Frozen": "waiting_on_vendor"},
        priorities={"P0": 1},
        severity_words={1: ["1", "2"]},
        status_words={"open": ["New", ""]},
    )
    assert settings.statuses["Frozen"] == CaseStatus.WAITING_ON_VENDOR
    assert settings.priorities["P0"] == Severity.S1
    assert settings.severity_words[Severity.S1] == ("1", "2")
    assert settings.status_words[CaseStatus.OPEN] == ("New", "")


def test_one_request_at_a_time_is_the_default() -> None:
    """AR System takes one user for one session."""
    assert make_settings().concurrency == 1


def test_the_plugin_waits_longer_than_the_server_works() -> None:
    """A write whose reply was lost may still be at work until the server's own time-out."""
    info = bmc.hub_vendor()
    assert info.index_lag > int(bmc.hub_connect(make_settings()).headers["X-AR-Timeout"])
    assert bmc.hub_settings("") is BmcSettings


def test_every_setting_is_in_the_reference_page() -> None:
    """And the page names no setting that isn't there."""
    from pathlib import Path

    page = (Path(__file__).parents[3] / "docs/reference/vendors/bmc_remedy.md").read_text("utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    own = set(BmcSettings.model_fields) - set(BmcSettings.__mro__[1].model_fields) | {"concurrency"}
    assert rows == own


def test_the_form_ships_with_the_plugin() -> None:
    """intake.toml is read from the package."""
    assert resources.files("plugins.bmc_remedy").joinpath("intake.toml").is_file()
