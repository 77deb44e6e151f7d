"""A new vendor's plugin: made by one command, green as it stands, small, and found by the hub."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hub.errors import BadInput, Conflict
from hub.generator import generate, platforms

ROOT = Path(__file__).resolve().parents[2]
THREE = ("__init__.py", "settings.py", "mapping.py")


def run(*command: str, folder: Path) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("platform", platforms())
def test_a_new_plugin_is_sound_as_it_stands(
    platform: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its style and its types need no edit."""
    folder = _made(platform, tmp_path)
    run("ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), "hub_acme", "tests", folder=folder)
    cache = f"--cache-dir={tmp_path_factory.getbasetemp() / 'mypy'}"  # what is known of the hub serves all platforms
    run("mypy", cache, "--config-file", str(ROOT / "pyproject.toml"), "-p", "hub_acme", folder=folder)


@pytest.mark.parametrize(
    "platform",
    [
        pytest.param("freshdesk", id="part"),
        *(pytest.param(one, marks=pytest.mark.prove(name="plugins")) for one in platforms()),
    ],
)
def test_a_new_plugin_is_green_as_it_stands(platform: str, tmp_path: Path) -> None:
    """Its own tests, which are the whole conformance suite at gold, pass without an edit."""
    passed = re.search(r"(\d+) passed", run("pytest", "-q", folder=_made(platform, tmp_path)))
    assert passed is not None
    assert int(passed[1]) > 100


def _made(platform: str, folder: Path) -> Path:
    """A new plugin's folder, as the command makes it."""
    printed = run("hub.cli", "plugins", "new", "acme", "--platform", platform, "--into", str(folder), folder=ROOT)
    assert "python -m pytest tests" in printed
    return folder / "hub-acme"


@pytest.mark.parametrize("platform", platforms())
def test_a_new_plugin_is_three_small_files(platform: str, tmp_path: Path) -> None:
    """Hooks, settings and words take at most 150 lines together."""
    made = generate("acme", platform, tmp_path, title="Acme Desk")
    package = Path(made.folder) / "hub_acme"
    assert sum(len((package / name).read_text().splitlines()) for name in THREE) <= 150
    assert "Acme Desk" in (package / "__init__.py").read_text()
    assert {f"hub_acme/{name}" for name in (*THREE, "intake.toml", "simulator.py", "quality.toml")} < set(made.files)


@pytest.mark.parametrize("platform", platforms())
@pytest.mark.parametrize("title", ['The "Acme" Desk', "Acme\\Support", "L'Été & Söhne <GmbH>", '"""'])
def test_a_title_stays_as_it_was_given(title: str, platform: str, tmp_path: Path) -> None:
    """Quotes, backslashes and accents of a title break neither code nor settings, and mean themselves there."""
    made = generate("acme", platform, tmp_path, title=title)
    texts = {file: (Path(made.folder) / file).read_text("utf-8") for file in made.files}
    code = {file: ast.parse(text) for file, text in texts.items() if file.endswith(".py")}
    assert (ast.get_docstring(code["hub_acme/settings.py"]) or "").endswith(f"at {title}.")
    assert title in {one.value for one in ast.walk(code["hub_acme/__init__.py"]) if isinstance(one, ast.Constant)}
    assert tomllib.loads(texts["pyproject.toml"])["project"]["description"] == f"{title} as a vendor of rjr-hub"
    assert tomllib.loads(texts["hub_acme/intake.toml"])


def test_in_the_hubs_repository_a_plugin_joins_the_others(tmp_path: Path) -> None:
    """Code, tests, page and entry point stand where those of the other vendors do; `apart` keeps them out."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    made = generate("acme_desk", platforms()[0], tmp_path)
    assert {
        "plugins/acme_desk/__init__.py",
        "tests/plugins/acme_desk/test_acme_desk.py",
        "docs/reference/vendors/acme_desk.md",
    } < set(made.files)
    assert 'acme_desk = "plugins.acme_desk:plugin"' in (tmp_path / "pyproject.toml").read_text()
    assert not (tmp_path / "hub-acme-desk").exists()
    assert Path(generate("other", platforms()[0], tmp_path, apart=True).folder) == tmp_path / "hub-other"


def test_what_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A name, title or platform that can't be, and a plugin that is there already; nothing is overwritten."""
    with pytest.raises(BadInput, match="can't be a plugin's name"):
        generate("Acme-Desk", platforms()[0], tmp_path)
    with pytest.raises(BadInput, match="can't be a vendor's title"):
        generate("acme", platforms()[0], tmp_path, title="Acme\nDesk")
    with pytest.raises(BadInput) as caught:
        generate("acme", "fax", tmp_path)
    assert platforms()[0] in caught.value.next_step
    made = generate("acme", platforms()[0], tmp_path)
    changed = Path(made.folder) / "hub_acme/mapping.py"
    changed.write_text("mine")
    with pytest.raises(Conflict, match="is there already"):
        generate("acme", platforms()[0], tmp_path)
    assert changed.read_text() == "mine"


def test_a_file_in_the_way_stops_all_of_it(tmp_path: Path) -> None:
    """A file that is neither the package nor the page is kept, too, and nothing is written beside it."""
    taken = tmp_path / "hub-acme/tests/test_acme.py"
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    with pytest.raises(Conflict, match=r"test_acme\.py is there already"):
        generate("acme", platforms()[0], tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [taken]
    assert taken.read_text() == "mine"
