"""A plugin from outside, built and installed as its author would."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub import vendors

HERE = Path(__file__).parent


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin as a wheel, installed in a folder of its own on the path."""
    source = shutil.copytree(HERE, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__"))
    wheels, target = tmp_path / "wheels", tmp_path / "target"
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(wheels), str(source))
    (wheel,) = wheels.glob("*.whl")
    pip("install", "--no-deps", "--no-index", "--no-compile", "--target", str(target), str(wheel))
    monkeypatch.syspath_prepend(str(target))
    monkeypatch.delitem(sys.modules, "hub_outsider", raising=False)


@pytest.mark.usefixtures("installed")
def test_a_plugin_from_outside_needs_only_to_be_installed() -> None:
    """Its entry point brings it into the hub, with its version, beside the hub's own vendors."""
    plugins = vendors.load()
    assert [failed for failed in plugins.failed if failed.name == "outsider"] == []
    outsider = plugins.vendors["outsider"]
    assert outsider.capabilities == {"vendor", "settings", "connect", "read_case"}
    assert plugins.versions["outsider"] == "0.3.1"
    settings = outsider.settings()(vendor="outsider", base_url="https://o.example", token="t")
    assert outsider.connect(settings).base_url == "https://o.example"


@pytest.mark.usefixtures("installed")
def test_a_plugin_from_outside_can_be_blocked() -> None:
    """The operator's block list holds for installed plugins, which then aren't imported."""
    plugins = vendors.load(blocked=["outsider"])
    assert "outsider" not in plugins.vendors
    assert plugins.blocked == ("outsider",)
    assert "hub_outsider" not in sys.modules
