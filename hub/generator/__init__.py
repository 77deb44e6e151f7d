"""Makes a new vendor's plugin on a known platform: code, words, form, seeds, tests and a page, all green at once."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hub.errors import BadInput, Conflict
from hub.model import Value

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_OURS = "rjr-hub"
_ENTRY_POINTS = "[project.entry-points.hub]\n"


class Made(Value, frozen=True):
    """What was made, and what to run next."""

    name: str
    folder: str  # where the commands are to be run
    files: tuple[str, ...]  # from that folder
    test: str
    install: str


def platforms() -> tuple[str, ...]:
    """The platforms that a new vendor can be made on."""
    found = files(__package__).joinpath("platforms").iterdir()
    return tuple(sorted(one.name for one in found if one.is_dir() and not one.name.startswith("_")))


def generate(name: str, platform: str, into: Path, *, title: str = "", apart: bool = False) -> Made:
    """Write the plugin of a vendor: beside the hub's own when `into` is its repository, else (or with `apart`) as a
    distribution of its own in a new folder there.

    Raises BadInput for a name or platform that can't be, and Conflict when something of that name is there.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} can't be a plugin's name", next_step="use small letters, digits and _, such as acme_desk"
        )
    if platform not in platforms():
        raise BadInput(f"there is no platform {platform!r}", next_step=f"choose one of: {', '.join(platforms())}")
    beside = _is_ours(into) and not apart
    folder = into if beside else into / f"hub-{name.replace('_', '-')}"
    package = f"plugins.{name}" if beside else f"hub_{name}"
    places = {
        "package": package.replace(".", "/"),
        "tests": f"tests/plugins/{name}" if beside else "tests",
        "page": f"docs/reference/vendors/{name}.md" if beside else "README.md",
    }
    if taken := [one for one in ("package", "page") if (folder / places[one]).exists()]:
        raise Conflict(f"{folder / places[taken[0]]} is there already", next_step="choose another name")
    data: dict[str, Any] = {
        **places,
        "name": name,
        "title": title or name.replace("_", " ").title(),
        "platform": platform,
        "module": package,
        "beside": beside,
        "family": "".join(part.title() for part in name.split("_")),
    }
    before = set(_listed(folder))
    for part in ("common", f"platforms/{platform}"):
        _copy(part, folder, data)
    made = sorted(set(_listed(folder)) - before)
    if beside:
        _register(folder / "pyproject.toml", name, package)
    return Made(
        name=name,
        folder=str(folder),
        files=tuple(made),
        test=f"python -m pytest {places['tests']}",
        install="python -m pip install --no-deps --no-build-isolation -e .",
    )


def _copy(part: str, folder: Path, data: dict[str, Any]) -> None:
    import copier

    with as_file(files(__package__).joinpath(part)) as template:
        copier.run_copy(str(template), folder, data=data, defaults=True, quiet=True, overwrite=False)


def _is_ours(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    try:
        return bool(tomllib.loads(project.read_text("utf-8"))["project"]["name"] == _OURS)
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return False


def _register(project: Path, name: str, package: str) -> None:
    text = project.read_text("utf-8")
    project.write_text(text.replace(_ENTRY_POINTS, f'{_ENTRY_POINTS}{name} = "{package}:plugin"\n', 1), "utf-8")


def _listed(folder: Path) -> list[str]:
    skipped = {".venv", ".git", "__pycache__"}
    return [
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not skipped & set(file.relative_to(folder).parts)
    ]
