"""Commands that an outside plugin brings, under `hub x`."""

from __future__ import annotations

from pathlib import Path

import pytest

CODE = '''
import sys
import pluggy, typer
from hub.errors import BadInput

app = typer.Typer()

@app.command()
def greet(name: str, loud: bool = False) -> None:
    """Say a name."""
    print(name.upper() if loud else name)

@app.command()
def break_() -> None:
    raise RuntimeError("secret words")

@app.command()
def refuse() -> None:
    raise BadInput("no such colour", next_step="choose red")

@app.command()
def leave() -> None:
    sys.exit(3)

@app.command()
def quit_() -> None:
    raise typer.Exit(4)

@pluggy.HookimplMarker("hub")
def hub_commands():
    return app
'''


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two distributions of somebody else's, installed: one with commands, one whose commands are none."""
    for name, code in {
        "palette": CODE,
        "oddly": "import pluggy\n\n@pluggy.HookimplMarker('hub')\ndef hub_commands():\n    return 7\n",
    }.items():
        (tmp_path / f"{name}_plugin.py").write_text(code)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hub]\n{name} = {name}_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("outside")
def test_own_commands_run_under_the_plugins_name(hub):
    """They are listed, get their words and options untouched, and answer --help themselves."""
    assert "hub x palette" in hub("x").out
    assert "palette" in hub("x", "--json").json["plugins"]
    assert hub("x", "palette", "greet", "ann", "--loud").out == "ANN\n"
    helped = hub("x", "palette", "--help").out
    assert "hub x palette" in helped
    assert "greet" in helped


@pytest.mark.usefixtures("outside")
def test_own_exit_codes_are_kept(hub):
    """A command that leaves with a code ends the hub's with it, however it leaves."""
    hub("x", "palette", "leave", code=3)
    hub("x", "palette", "quit-", code=4)


@pytest.mark.usefixtures("outside")
def test_faults_of_own_commands_are_the_plugins(hub):
    """A fault names the plugin and quotes nothing; a HubError and a wrong command line are reported like the hub's own."""
    broken = hub("x", "palette", "break-", code=None)
    assert "plugin palette: its command 'break-' raised RuntimeError" in broken.err
    assert "secret words" not in broken.err + broken.out
    assert "choose red" in hub("x", "palette", "refuse", code=None).err
    assert "hub x palette greet" in hub("x", "palette", "greet", code=64).err
    assert "not a Typer application" in hub("x", "oddly", code=None).err


@pytest.mark.usefixtures("outside")
def test_a_plugin_without_commands_is_not_found(hub):
    """Its name is refused with the names that there are."""
    assert "palette" in hub("x", "bmc_remedy", code=None).err
