"""The suite proves itself: the example vendor passes it, and plugins with a bug in them do not."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hub.testing.__main__ as command
from hub import hookimpl
from hub.errors import PluginError
from hub.testing import RULES, Rule, candidate, conformance, reached
from hub.testing.tiers import RuleResult, beyond
from hub.vendors import Quality
from tests.testing.mutants import CAUGHT_BY, LOADING
from tests.testing.quirk import Plugin

BY_NAME = {rule.name: rule for rule in RULES}

QUIRK = Plugin()
test_quirk = conformance(QUIRK)


class Bare:
    """Speaks for a vendor, and brings no simulator."""

    hub_vendor, hub_settings, hub_connect = Plugin.hub_vendor, Plugin.hub_settings, Plugin.hub_connect
    settings, login, explain = Plugin.settings, Plugin.login, Plugin.explain


def test_the_example_vendor_reaches_the_highest_tier() -> None:
    """A correct plugin that answers all that is asked for is platinum, with most rules kept."""
    plugin = candidate(QUIRK)
    assert plugin.tier() == "platinum"
    assert sum(one.verdict == "kept" for one in plugin.results()) > 140


@pytest.mark.parametrize("mutant", [one for one, rule in CAUGHT_BY.items() if rule], ids=lambda mutant: mutant.__name__)
def test_a_bug_is_caught(mutant: type[Plugin]) -> None:
    """A plugin with one bug is refused when it is loaded, or breaks the rule that is named for it."""
    rule = CAUGHT_BY[mutant]
    if rule == LOADING:
        with pytest.raises(PluginError):
            candidate(mutant())
        return
    result = candidate(mutant()).result(BY_NAME[rule], "")
    assert result.verdict == "broken"
    assert result.why


def test_enough_bugs_are_caught() -> None:
    """There are at least forty bugs of different kinds, and at least 95 of a hundred have a rule that catches them."""
    caught = [mutant for mutant, rule in CAUGHT_BY.items() if rule]
    assert len(CAUGHT_BY) >= 40
    assert len(caught) / len(CAUGHT_BY) >= 0.95
    assert len({rule for rule in CAUGHT_BY.values() if rule}) >= 40
    assert {rule for rule in CAUGHT_BY.values() if rule} <= {*BY_NAME, LOADING}


def test_there_are_enough_rules_in_each_group() -> None:
    """At least 45 rules with distinct names, each with a sentence, and some in each of the five groups."""
    assert len(RULES) >= 45
    assert len(BY_NAME) == len(RULES)
    assert [rule.name for rule in RULES if not rule.says.endswith(".")] == []
    assert len({rule.group for rule in RULES}) == 5


def test_a_plugin_without_a_simulator_is_told_what_it_lacks() -> None:
    """The one test that is left says which hook to answer."""
    with pytest.raises(PluginError, match="brings no simulator") as caught:
        candidate(Bare())
    assert "hub_simulator" in caught.value.next_step
    with pytest.raises(pytest.fail.Exception, match="hub_simulator"):
        conformance(Bare())()


def test_a_plugin_that_is_not_installed_is_named() -> None:
    """An unknown name says that nothing of it is installed."""
    with pytest.raises(pytest.fail.Exception, match="no plugin nowhere is installed"):
        conformance("nowhere")()


def test_an_exempt_rule_is_not_run_and_costs_platinum() -> None:
    """With an exemption the rule is exempt by its reason, and the tier is gold at most."""
    plugin = candidate(Plugin())
    plugin.vendor.quality = Quality("platinum", {RULES[0].name: "the interface has no such thing"})
    result = plugin.result(RULES[0], "")
    assert (result.verdict, result.why) == ("exempt", "the interface has no such thing")
    assert reached([result, *(RuleResult(rule, "", "kept") for rule in RULES[1:])]) == "gold"
    assert beyond("platinum", "gold")
    assert not beyond("gold", "gold")


def test_a_claim_beyond_the_result_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last test of a plugin that claims more than it reaches fails, and says both tiers."""
    monkeypatch.setattr("hub.testing.suite.ASKED_OF_PLATINUM", {"teleport"})
    monkeypatch.setattr(candidate(QUIRK).vendor, "quality", Quality("platinum"))
    with pytest.raises(pytest.fail.Exception, match="claims platinum, the plugin reaches gold"):
        conformance(QUIRK)(None, "", lambda *_: None)


@pytest.mark.parametrize(
    ("broken", "tier"),
    [("speaks", "none"), ("reads", "bronze"), ("writes", "bronze"), ("endures", "silver"), ("keeps quiet", "silver")],
)
def test_a_broken_rule_costs_the_tiers_of_its_group(broken: Any, tier: str) -> None:
    """A tier is not reached when a rule of one of its groups is broken."""

    async def check(_: Any) -> None: ...

    kept = [RuleResult(rule, "", "kept") for rule in RULES]
    assert reached(kept) == "platinum"
    assert reached(kept, ["open_case"]) == "gold"
    assert reached([*kept, RuleResult(Rule("x", broken, "It.", check), "", "broken")]) == tier


def test_a_broken_rule_fails_its_test_with_its_sentence() -> None:
    """What pytest shows is what the rule says, and what came instead."""
    (mutant,) = [one for one in CAUGHT_BY if one.__name__ == "AllIsPublic"]
    test = conformance(mutant())
    with pytest.raises(pytest.fail.Exception, match="told as private") as caught:
        test(BY_NAME["an_internal_note_is_private"], "", lambda *_: None)
    assert "an internal note is told as public" in str(caught.value)


def test_a_plugin_that_raises_anything_breaks_the_rule() -> None:
    """A fault in a simulator or plugin is told by its kind, and ends no other rule."""

    class Falls(Plugin):
        @hookimpl
        async def hub_open_case(self, account: Any, draft: Any) -> Any:
            raise ZeroDivisionError

    plugin = candidate(Falls())
    assert "ZeroDivisionError" in plugin.result(BY_NAME["a_case_reads_back_as_sent"], "").why
    assert plugin.result(BY_NAME["settings_are_closed"], "").verdict == "kept"


MODULE = """
from pathlib import Path

{act}
from tests.testing.quirk import Plugin

_plugin = Plugin()
globals().update({{name: getattr(_plugin, name) for name in dir(_plugin) if name.startswith("hub_")}})
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Makes a plugin that is a module, in a repository of its own, and does this when it is imported."""

    def made(act: str = "") -> ModuleType:
        folder = tmp_path / "plugins" / "suite_quirk"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(MODULE.format(act=act))
        monkeypatch.syspath_prepend(str(folder.parent))
        paths = [str(folder.parent), str(Path(__file__).parents[2])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        monkeypatch.delitem(sys.modules, "suite_quirk", raising=False)
        return importlib.import_module("suite_quirk")

    return made


@pytest.mark.parametrize(
    ("act", "verdict"), [("", "kept"), ("Path(__file__).with_name('log').write_text('loaded')", "broken")]
)
def test_what_a_module_does_when_it_is_imported_is_seen(
    module: Callable[[str], ModuleType], act: str, verdict: str
) -> None:
    """A plugin that writes a file at import breaks the rule; one that does nothing keeps it."""
    assert candidate(module(act)).result(BY_NAME["loads_without_acting"], "").verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(None, "broken"), ("Set `base_url` and `user`.", "broken"), ("`base_url`, `user`, `password`", "kept")],
)
def test_a_page_has_to_tell_of_the_required_settings(
    module: Callable[[], ModuleType], tmp_path: Path, text: str | None, verdict: str
) -> None:
    """Where there are pages on vendors, a missing page and one without a required setting break the rule."""
    pages = tmp_path / "docs/reference/vendors"
    pages.mkdir(parents=True)
    if text is not None:
        (pages / "quirk.md").write_text(text)
    assert candidate(module()).result(BY_NAME["page_tells_of_it"], "").verdict == verdict


@pytest.mark.parametrize("exempt", [{"no_such_rule": "there is none of this name"}, {RULES[0].name: "no"}])
def test_exemptions_have_to_make_sense(exempt: dict[str, str]) -> None:
    """An exemption from a rule that there is not, and one without a reason, break the rule on the sheet."""
    plugin = candidate(Plugin())
    plugin.vendor.quality = Quality("gold", exempt)
    assert plugin.result(BY_NAME["quality_sheet_is_true_to_form"], "").verdict == "broken"


def test_the_command_tells_sums_and_tier(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m hub.testing NAME` shows what is not simply kept, then the sums and the tier; it exits with 0."""
    monkeypatch.setattr(command, "candidate", lambda _: candidate(QUIRK))
    assert command.main("quirk") == 0
    told = capsys.readouterr().out.splitlines()
    assert "not applicable  choices_have_defaults: the vendor has one system" in told
    assert told[-1].startswith("quirk: ")
    assert told[-1].endswith("tier platinum, claimed none")


def test_the_command_fails_for_a_broken_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken rule is shown with its reason, and the command exits with 1."""
    plugin = candidate(Plugin())
    plugin._results = {(rule.name, ""): RuleResult(rule, "", "kept") for rule in RULES}
    plugin._results[RULES[0].name, ""] = RuleResult(RULES[0], "", "broken", "it says something else")
    monkeypatch.setattr(command, "candidate", lambda _: plugin)
    assert command.main("quirk") == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"broken          {RULES[0].name}: it says something else"
    assert told[-1].endswith("tier none, claimed none")


def test_the_reasons_stand_in_a_report(tmp_path: Path) -> None:
    """A JUnit report of the suite holds each rule's verdict; the settings allow its properties."""
    report = tmp_path / "report.xml"
    chosen = "tests/plugins/test_every_vendor.py::test_bomgar[appliance-vendor_is_introduced]"
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", chosen]
    ended = subprocess.run(asked, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert '<property name="verdict" value="kept"' in report.read_text("utf-8")
