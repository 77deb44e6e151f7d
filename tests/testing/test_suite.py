"""The suite is proved on an example vendor: its plugin passes, and the same plugin with a bug does not."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
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
REQUEST = SimpleNamespace(node=SimpleNamespace(user_properties=[]))
TOGETHER = pytest.mark.xdist_group("quirk")
"""What came of a rule is remembered: these belong into one process."""

test_quirk = TOGETHER(conformance(QUIRK))


class Bare:
    """A plugin without a simulator."""

    hub_vendor, hub_settings, hub_connect = Plugin.hub_vendor, Plugin.hub_settings, Plugin.hub_connect
    settings, login, explain = Plugin.settings, Plugin.login, Plugin.explain


@TOGETHER
def test_the_example_vendor_reaches_the_highest_tier() -> None:
    """A correct plugin with all platinum capabilities reaches platinum, and most rules apply to it."""
    plugin = candidate(QUIRK)
    assert plugin.tier() == "platinum"
    assert sum(result.verdict == "kept" for result in plugin.results()) > 140


@pytest.mark.parametrize(
    "mutant", [mutant for mutant, rule in CAUGHT_BY.items() if rule], ids=lambda mutant: mutant.__name__
)
def test_a_bug_is_caught(mutant: type[Plugin]) -> None:
    """A plugin with one bug is refused when it is loaded, or breaks the rule that is meant to catch it."""
    rule = CAUGHT_BY[mutant]
    if rule == LOADING:
        with pytest.raises(PluginError):
            candidate(mutant())
        return
    result = candidate(mutant()).result(BY_NAME[rule], "")
    assert result.verdict == "broken"
    assert result.why


def test_enough_bugs_are_caught() -> None:
    """There are at least forty different bugs, and a rule catches at least 95 percent of them."""
    caught = [mutant for mutant, rule in CAUGHT_BY.items() if rule]
    assert len(CAUGHT_BY) >= 40
    assert len(caught) / len(CAUGHT_BY) >= 0.95
    assert len({rule for rule in CAUGHT_BY.values() if rule}) >= 40
    assert {rule for rule in CAUGHT_BY.values() if rule} <= {*BY_NAME, LOADING}


def test_there_are_enough_rules_in_each_group() -> None:
    """There are at least 45 rules with distinct names, each with a sentence, in five groups."""
    assert len(RULES) >= 45
    assert len(BY_NAME) == len(RULES)
    assert [rule.name for rule in RULES if not rule.says.endswith(".")] == []
    assert len({rule.group for rule in RULES}) == 5


def test_a_plugin_without_a_simulator_fails_its_only_test() -> None:
    """The only test names the hook to implement."""
    with pytest.raises(PluginError, match="has no simulator") as caught:
        candidate(Bare())
    assert "hub_simulator" in caught.value.next_step
    with pytest.raises(pytest.fail.Exception, match="hub_simulator"):
        conformance(Bare())()


def test_a_plugin_that_is_not_installed_is_named() -> None:
    """The only test of an unknown plugin says that it is not installed."""
    with pytest.raises(pytest.fail.Exception, match="no plugin named nowhere is installed"):
        conformance("nowhere")()


def test_an_exempt_rule_is_not_run_and_rules_out_platinum() -> None:
    """An exempt rule is reported with its reason, and the plugin reaches gold at most."""
    plugin = candidate(Plugin())
    plugin.vendor.quality = Quality("platinum", {RULES[0].name: "the interface does not support it"})
    result = plugin.result(RULES[0], "")
    assert (result.verdict, result.why) == ("exempt", "the interface does not support it")
    assert reached([result, *(RuleResult(rule, "", "kept") for rule in RULES[1:])]) == "gold"
    assert beyond("platinum", "gold")
    assert not beyond("gold", "gold")


@TOGETHER
def test_a_claim_beyond_the_result_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last test of a plugin that claims more than it reaches fails and names both tiers."""
    monkeypatch.setattr("hub.testing.suite.PLATINUM_CAPABILITIES", {"teleport"})
    monkeypatch.setattr(candidate(QUIRK).vendor, "quality", Quality("platinum"))
    with pytest.raises(pytest.fail.Exception, match="claims platinum, the plugin reaches gold"):
        conformance(QUIRK)(None, "", REQUEST)


@pytest.mark.parametrize(
    ("broken", "tier"),
    [("speaks", "none"), ("reads", "bronze"), ("writes", "bronze"), ("endures", "silver"), ("keeps quiet", "silver")],
)
def test_a_broken_rule_costs_the_tiers_of_its_group(broken: Any, tier: str) -> None:
    """A tier is not reached when a rule of one of its groups is broken."""

    async def check(_: Any) -> None: ...

    results = [RuleResult(rule, "", "kept") for rule in RULES]
    assert reached(results) == "platinum"
    assert reached(results, ["open_case"]) == "gold"
    assert reached([*results, RuleResult(Rule("x", broken, "It.", check), "", "broken")]) == tier


def test_a_broken_rule_fails_its_test_with_its_sentence() -> None:
    """The failure shows the rule's sentence and what was found."""
    (mutant,) = [mutant for mutant in CAUGHT_BY if mutant.__name__ == "AllIsPublic"]
    test = conformance(mutant())
    with pytest.raises(pytest.fail.Exception, match="reported as private") as caught:
        test(BY_NAME["an_internal_note_is_private"], "", REQUEST)
    assert "an internal note is reported as public" in str(caught.value)


def test_a_plugin_that_raises_anything_breaks_the_rule() -> None:
    """An unexpected exception in a simulator or plugin breaks one rule, and the others still run."""

    class Raises(Plugin):
        @hookimpl
        async def hub_open_case(self, account: Any, draft: Any) -> Any:
            raise ZeroDivisionError

    plugin = candidate(Raises())
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
    """Makes a plugin that is a module in its own repository, with the given statement at its top."""

    def make(act: str = "") -> ModuleType:
        folder = tmp_path / "plugins" / "suite_quirk"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(MODULE.format(act=act))
        monkeypatch.syspath_prepend(str(folder.parent))
        paths = [str(folder.parent), str(Path(__file__).parents[2])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        monkeypatch.delitem(sys.modules, "suite_quirk", raising=False)
        return importlib.import_module("suite_quirk")

    return make


@pytest.mark.parametrize(
    ("act", "verdict"), [("", "kept"), ("Path(__file__).with_name('log').write_text('loaded')", "broken")]
)
def test_side_effects_of_importing_a_module_are_detected(
    module: Callable[[str], ModuleType], act: str, verdict: str
) -> None:
    """A plugin that writes a file at import breaks the rule; a plugin without side effects keeps it."""
    assert candidate(module(act)).result(BY_NAME["loads_without_acting"], "").verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(None, "broken"), ("Set `base_url` and `user`.", "broken"), ("`base_url`, `user`, `password`", "kept")],
)
def test_a_page_has_to_name_the_required_settings(
    module: Callable[[], ModuleType], tmp_path: Path, text: str | None, verdict: str
) -> None:
    """In a repository with pages on vendors, a missing page or an unmentioned required setting breaks the rule."""
    pages = tmp_path / "docs/reference/vendors"
    pages.mkdir(parents=True)
    if text is not None:
        (pages / "quirk.md").write_text(text)
    assert candidate(module()).result(BY_NAME["documentation_page_exists"], "").verdict == verdict


@pytest.mark.parametrize("exempt", [{"no_such_rule": "there is no rule of this name"}, {RULES[0].name: "no"}])
def test_exemptions_have_to_make_sense(exempt: dict[str, str]) -> None:
    """An exemption from an unknown rule, or without a reason, breaks the rule about quality.toml."""
    plugin = candidate(Plugin())
    plugin.vendor.quality = Quality("gold", exempt)
    assert plugin.result(BY_NAME["quality_file_is_valid"], "").verdict == "broken"


@TOGETHER
def test_the_command_prints_totals_and_tier(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m hub.testing NAME` prints all but kept rules, then totals and tier, and exits with 0."""
    monkeypatch.setattr(command, "candidate", lambda _: candidate(QUIRK))
    assert command.main(["quirk"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "not applicable  each_platform_has_settings: the vendor has one platform" in lines
    assert lines[-1].startswith("quirk: ")
    assert lines[-1].endswith("tier platinum, claimed none")


def test_the_command_fails_for_a_broken_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken rule is printed with its reason, and the command exits with 1."""
    plugin = candidate(Plugin())
    plugin._results = {(rule.name, ""): RuleResult(rule, "", "kept") for rule in RULES}
    plugin._results[RULES[0].name, ""] = RuleResult(RULES[0], "", "broken", "a hook is missing")
    monkeypatch.setattr(command, "candidate", lambda _: plugin)
    assert command.main(["quirk"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"broken          {RULES[0].name}: a hook is missing"
    assert lines[-1].endswith("tier none, claimed none")


@pytest.mark.parametrize(("arguments", "message"), [(["nowhere"], "no plugin named nowhere"), ([], "usage: ")])
def test_the_command_explains_a_wrong_call(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown plugin and a missing name exit with 2 and a message, without a traceback."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(message)


def test_verdicts_are_in_a_junit_report(tmp_path: Path) -> None:
    """A JUnit report of pytest's default family has each rule's verdict, without any warning."""
    report = tmp_path / "report.xml"
    chosen = "tests/plugins/test_every_vendor.py::test_bomgar[appliance-speaks-vendor_is_described]"
    arguments = ["-q", "-p", "no:cacheprovider", "-W", "error", f"--junit-xml={report}", chosen]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    assert '<property name="verdict" value="kept"' in report.read_text("utf-8")
