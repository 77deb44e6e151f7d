"""Makes a new vendor's plugin on a known platform: code, words, form, seeds, tests and a page, all green at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from hub.errors import BadInput, Conflict
from hub.model import Value

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_OURS = "rjr-hub"
_ENTRY_POINTS = "[project.entry-points.hub]\n"


class GeneratedPlugin(Value, frozen=True):
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


def generate(name: str, platform: str, into: Path, *, title: str = "", apart: bool = False) -> GeneratedPlugin:
    """Write the plugin of a vendor: beside the hub's own when `into` is its repository, else (or with `apart`) as a
    distribution of its own in a new folder there.

    Raises BadInput for a name, title or platform that can't be, and Conflict when something of that name is there.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} can't be a plugin's name", next_step="use small letters, digits and _, such as acme_desk"
        )
    title = title or name.replace("_", " ").title()
    if not title.isprintable():
        raise BadInput(f"{title!r} can't be a vendor's title", next_step="use one line of printable characters")
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
        "title": title,
        "escaped_title": json.dumps(title, ensure_ascii=False)[1:-1],  # as it stands between quotes of Python or TOML
        "platform": platform,
        "module": package,
        "beside": beside,
        "family": "".join(part.title() for part in name.split("_")),
    }
    made = {file: text for part in ("common", f"platforms/{platform}") for file, text in _rendered(part, data)}
    if taken := [file for file in sorted(made) if (folder / file).exists()]:
        raise Conflict(f"{folder / taken[0]} is there already", next_step="choose another name")
    for file, text in made.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, "utf-8")
    if beside:
        _register(folder / "pyproject.toml", name, package)
    return GeneratedPlugin(
        name=name,
        folder=str(folder),
        files=tuple(sorted(made)),
        test=f"python -m pytest {places['tests']}",
        install="python -m pip install --no-deps --no-build-isolation -e .",
    )


def _rendered(part: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files of a folder of templates: path and text. A path that comes out empty stands for no file."""
    env = Environment(
        loader=PackageLoader(__package__, part),
        autoescape=select_autoescape(default_for_string=False),  # no template is HTML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    for template in env.list_templates():
        if path := env.from_string(template).render(data).removesuffix(".jinja"):
            yield path, env.get_template(template).render(data)


def _is_ours(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    try:
        return bool(tomllib.loads(project.read_text("utf-8"))["project"]["name"] == _OURS)
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return False


def _register(project: Path, name: str, package: str) -> None:
    text = project.read_text("utf-8")
    project.write_text(text.replace(_ENTRY_POINTS, f'{_ENTRY_POINTS}{name} = "{package}:plugin"\n', 1), "utf-8")
