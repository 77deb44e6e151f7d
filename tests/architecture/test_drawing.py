"""Facts about the drawing in docs/explain/architecture.md: it says what the contracts and the code say."""

from __future__ import annotations

import re
import tomllib

from source import ROOT

from hub.db.unit import Unit

DRAWING = (ROOT / "docs/explain/architecture.md").read_text("utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def _layers(container: str) -> list[str]:
    [contract] = [one for one in CONTRACTS if one["type"] == "layers" and one["containers"] == [container]]
    return [room for layer in contract["layers"] for room in layer.split(" | ")]


def test_the_drawing_has_the_rooms_of_the_contract() -> None:
    """The rooms of the drawing are the layers of the import contract, in the same order."""
    drawn = DRAWING.partition("## Rooms")[2].partition("```text\n")[2].partition("```")[0]
    assert [line.split()[0] for line in drawn.splitlines()] == _layers("hub")


def test_the_drawing_has_the_rooms_of_bonding() -> None:
    """The order inside bonding is the contract's."""
    shown = re.search(r"Inside `bonding`, imports point down as well: ([^.]+)\.", DRAWING)
    assert shown
    assert re.findall(r"`(\w+)`", shown[1]) == _layers("hub.bonding")


def test_the_drawing_names_every_repository() -> None:
    """The repositories that the page lists are those of the unit of work."""
    listed = DRAWING.partition("<!-- repositories -->")[2].partition("<!-- end")[0]
    reachable = {name for name in vars(Unit) if not name.startswith("_")} - {"note", "attempt"}
    assert set(re.findall(r"\w+", listed)) == reachable


def test_the_drawing_names_the_pure_rooms() -> None:
    """The rooms that the page calls pure are those of the contract."""
    [contract] = [one for one in CONTRACTS if one["name"] == "rooms of judgement are pure"]
    listed = DRAWING.partition("asyncio out of ")[2].partition(", and `make check`")[0]
    pure = [name.removeprefix("hub.").replace(".", "/") for name in contract["source_modules"]]
    assert re.findall(r"`([\w/]+)`", listed) == pure
