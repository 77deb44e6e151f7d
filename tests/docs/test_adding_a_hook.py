"""The exercise of the page on adding a hook, done on a copy of the hub."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explain/adding-a-hook.md"
CALL = """
import asyncio
from importlib.metadata import EntryPoint

from docs.face import face_stub
from hub.errors import CaseRefused, PluginError
from hub.model import Account
from hub.vendors import load
from plugins.entrust import plugin

vendor = load(strict=True, entry_points=[EntryPoint("entrust", "plugins.entrust:plugin", "hub")]).vendors["entrust"]


def asked(platform, products):
    model = vendor.settings(platform)
    settings = model.model_construct(vendor="entrust", platform=platform, products=products)
    try:
        return asyncio.run(vendor.list_products(Account("a", settings, client=None)))
    except (CaseRefused, PluginError) as error:
        return error.message


print(asked("digital_card", ("Digital Card",)))
print(asked("trustedcare", ("Digital Card",)))
print(asked("digital_card", (5,)))
print([name for name in plugin.names if "list_products" in vendor.capabilities_on(name)])
print(*[line.strip() for line in face_stub().splitlines() if "list_products" in line])
"""


def changed(page: str) -> dict[str, list[tuple[str, str]]]:
    """The page's diff: by file, the texts to be replaced and what replaces them."""
    [diff] = re.findall(r"```diff\n(.*?)```", page, re.DOTALL)
    found: dict[str, list[tuple[str, str]]] = {}
    for part in re.split(r"^--- a/", diff, flags=re.MULTILINE)[1:]:
        path, *hunks = re.split(r"\n\+\+\+ b/.*\n|^@@\n", part, flags=re.MULTILINE)
        lines = [hunk.splitlines(keepends=True) for hunk in hunks if hunk]
        found[path] = [
            ("".join(line[1:] for line in hunk if line[0] != "+"), "".join(line[1:] for line in hunk if line[0] != "-"))
            for hunk in lines
        ]
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the hub and its plugins with the page's diff applied."""
    for folder in ("hub", "plugins", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path, hunks in changed(PAGE.read_text("utf-8")).items():
        text = (tmp_path / path).read_text("utf-8")
        for before, after in hunks:
            assert text.count(before) == 1, path
            text = text.replace(before, after)
        (tmp_path / path).write_text(text, "utf-8")
    return tmp_path


def test_a_hook_is_added_by_the_spec_and_the_plugin_that_answers_it(copy: Path) -> None:
    """Vendor and Choice have the hook, guarded and typed, with nothing changed but the two files of the page."""
    assert [path.partition("/")[0] for path in changed(PAGE.read_text("utf-8"))] == ["hub", "plugins"]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CALL], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == [
        "('Digital Card',)",
        "platform 'trustedcare' does not offer list_products",
        "plugin entrust: the answer of hub_list_products[0] is int, not str",
        "['digital_card']",
        "async def list_products(self, account: AnyAccount) -> tuple[str, ...]: ...",
    ], done.stderr
