"""What a plugin claims of its quality, as the hub reads it from the plugin's package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hub import vendors
from hub.vendors import Quality
from hub.vendors.quality import claimed

CODE = """
from hub import hookimpl
from hub.http import Connection
from hub.model import AccountSettings, VendorInfo


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(name="acme", title="Acme", platform="its own")


@hookimpl
def hub_settings() -> type[AccountSettings]:
    return AccountSettings


@hookimpl
def hub_connect(settings: AccountSettings) -> Connection:
    return Connection(base_url="https://acme.example")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a plugin's package with this sheet, and imports it."""

    def made(sheet: str | None):
        folder = tmp_path / "quality_acme"
        folder.mkdir()
        (folder / "__init__.py").write_text(CODE)
        if sheet is not None:
            (folder / "quality.toml").write_text(sheet)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "quality_acme", raising=False)
        return __import__("quality_acme")

    return made


def test_the_sheet_is_read_with_the_plugin(package) -> None:
    """Tier and exemptions of the package's quality.toml are those of the vendor."""
    plugin = package('tier = "silver"\n[exempt]\nsome_rule = "the interface has no such thing"\n')
    found = vendors.load(strict=True, extra={"acme": plugin}, entry_points=[]).vendors["acme"].quality
    assert found == Quality("silver", {"some_rule": "the interface has no such thing"})


def test_without_a_sheet_nothing_is_claimed(package) -> None:
    """A plugin without quality.toml, and one that is no package, claim no tier."""
    assert claimed(package(None)) == Quality("none", {})
    assert claimed(object()) == Quality("none", {})


@pytest.mark.parametrize("sheet", ['tier = "diamond"', "tier = ", 'tier = "gold"\n[rules]\nx = "met"'])
def test_a_sheet_that_makes_no_sense_fails_its_plugin(package, sheet: str) -> None:
    """An unknown tier, broken TOML and unknown tables are named; the plugin is listed as failed."""
    found = vendors.load(extra={"acme": package(sheet)}, entry_points=[])
    assert found.vendors == {}
    assert [(one.name, "quality.toml" in one.reason) for one in found.failed] == [("acme", True)]
