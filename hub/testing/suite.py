"""Runs the suite: one rule on one platform at a time, and all of them as tests of pytest's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata
from typing import Any

from hub.errors import HubError, PluginError
from hub.hooks import answered
from hub.testing.bench import open_bench
from hub.testing.rule import NotApplicable, Rule, RuleBroken
from hub.testing.rules import RULES
from hub.testing.tiers import ASKED_OF_PLATINUM, RuleResult, beyond, reached
from hub.vendors import ENTRY_POINTS, Tier, Vendor, load


class Candidate:
    """A plugin under test: its vendor's face, and what is known of it so far."""

    def __init__(self, vendor: Vendor, plugin: Any) -> None:
        self.vendor, self.plugin = vendor, plugin
        self.platforms = vendor.info.platforms or ("",)
        self._results: dict[tuple[str, str], RuleResult] = {}

    def lacking(self) -> set[str]:
        """What is asked of platinum and not answered on every platform."""
        found: set[str] = set()
        for platform in self.platforms:
            simulator = self.vendor.simulator(platform)
            given = simulator.account("http://127.0.0.1:9")
            settings = self.vendor.settings(platform)(vendor=self.vendor.name, **given)
            found |= ASKED_OF_PLATINUM - self.vendor.capabilities_of(settings)
        return found

    def result(self, rule: Rule, platform: str) -> RuleResult:
        """What comes of the rule; run once, and remembered."""
        known = self._results.get((rule.name, platform))
        if known is None:
            known = self._results[rule.name, platform] = asyncio.run(self._judged(rule, platform))
        return known

    def results(self, rules: Sequence[Rule] = RULES) -> list[RuleResult]:
        """What comes of all rules on all platforms."""
        return [self.result(rule, platform) for platform in self.platforms for rule in rules]

    def tier(self) -> Tier:
        """The tier that the plugin reaches."""
        results = self.results()
        return reached(results, () if any(one.verdict == "broken" for one in results) else self.lacking())

    async def _judged(self, rule: Rule, platform: str) -> RuleResult:
        exempt = self.vendor.quality.exempted(rule.name, platform)
        if exempt is not None:
            return RuleResult(rule, platform, "exempt", exempt)
        try:
            async with open_bench(self.vendor, self.plugin, platform) as bench:
                if lack := sorted(rule.needs - bench.can):
                    return RuleResult(rule, platform, "not applicable", f"the account can't {', '.join(lack)}")
                await rule.check(bench)
        except NotApplicable as error:
            return RuleResult(rule, platform, "not applicable", str(error))
        except RuleBroken as error:
            return RuleResult(rule, platform, "broken", str(error))
        except HubError as error:
            told = f"{type(error).__name__}: {error.message}"
            return RuleResult(rule, platform, "broken", told + (f"; {error.next_step}" if error.next_step else ""))
        except Exception as error:  # noqa: BLE001 - a plugin, or its simulator, raises what it likes
            return RuleResult(rule, platform, "broken", f"{type(error).__name__}: {error}")
        return RuleResult(rule, platform, "kept")


def candidate(plugin: Any) -> Candidate:
    """A plugin made ready for its rules: by the name of its entry point, or a module or object that has its hooks.

    Raises PluginError when it can't be loaded, or brings no simulator.
    """
    return _by_name(plugin) if isinstance(plugin, str) else _by_object(plugin)


@cache
def _by_name(name: str) -> Candidate:
    points = [one for one in metadata.entry_points(group=ENTRY_POINTS) if one.name == name]
    if not points:
        raise PluginError(f"no plugin {name} is installed", next_step="install it: pip install -e .")
    vendor = load(strict=True, entry_points=points[:1]).vendors.get(name)
    return _ready(vendor, points[0].load())


@cache
def _by_object(plugin: Any) -> Candidate:
    name = plugin.hub_vendor().name if "hub_vendor" in answered(plugin) else "plugin"
    return _ready(load(strict=True, extra={name: plugin}, entry_points=[]).vendors.get(name), plugin)


def _ready(vendor: Vendor | None, plugin: Any) -> Candidate:
    if vendor is None:
        raise PluginError("the plugin speaks for no vendor", next_step="answer hub_vendor")
    if "simulator" not in vendor.capabilities:
        raise PluginError(
            f"plugin {vendor.name} brings no simulator, so nothing can be tested",
            next_step="answer hub_simulator with a fake of the vendor's system that keeps to hub.simulators.kit.Desk",
        )
    return Candidate(vendor, plugin)


def conformance(plugin: Any) -> Callable[..., None]:
    """All rules as tests: `test_acme = conformance("acme")` in a test file is the whole suite.

    Each rule is a test of its own on each of the vendor's platforms. One that says nothing about the account passes,
    and so does one that quality.toml exempts; why is among the test's properties. The last test compares the tier
    that the plugin claims with the one that it reaches.
    """
    import pytest

    try:
        chosen = candidate(plugin)
    except PluginError as error:
        return _refused(f"{error.message}; {error.next_step}")
    cases = [
        pytest.param(rule, platform, id=f"{platform}-{rule.name}" if platform else rule.name)
        for platform in chosen.platforms
        for rule in RULES
    ]

    @pytest.mark.parametrize(("rule", "platform"), [*cases, pytest.param(None, "", id="tier_is_reached")])
    def test(rule: Rule | None, platform: str, record_property: Callable[[str, object], None]) -> None:
        """The plugin keeps the rule."""
        if rule is None:
            claim, found = chosen.vendor.quality.tier, chosen.tier()
            record_property("tier", found)
            if beyond(claim, found):
                pytest.fail(f"quality.toml claims {claim}, the plugin reaches {found}", pytrace=False)
            return
        result = chosen.result(rule, platform)
        record_property("verdict", f"{result.verdict}: {result.why}" if result.why else result.verdict)
        if result.verdict == "broken":
            pytest.fail(f"{rule.says}\n{result.why}", pytrace=False)

    return test


def _refused(why: str) -> Callable[..., None]:
    def test() -> None:
        """The plugin can be tested."""
        import pytest

        pytest.fail(why, pytrace=False)

    return test
