"""Runs the suite: one rule on one platform at a time, or every rule as a pytest test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata
from typing import Any

from hub.errors import HubError, PluginError
from hub.hooks import answered
from hub.testing.bed import open_bed
from hub.testing.checks import NotApplicable, RuleBroken
from hub.testing.rule import Rule
from hub.testing.rules import RULES
from hub.testing.tiers import PLATINUM_CAPABILITIES, RuleResult, beyond, reached
from hub.vendors import ENTRY_POINTS, Tier, Vendor, load


class Candidate:
    """A plugin under test, with the results so far."""

    def __init__(self, vendor: Vendor, plugin: Any) -> None:
        self.vendor, self.plugin = vendor, plugin
        self.platforms = vendor.info.platforms or ("",)
        self._results: dict[tuple[str, str], RuleResult] = {}

    def lacking(self) -> set[str]:
        """The platinum capabilities that are missing on any platform."""
        missing: set[str] = set()
        for platform in self.platforms:
            simulator = self.vendor.simulator(platform)
            values = simulator.account("http://127.0.0.1:9")
            settings = self.vendor.settings(platform)(vendor=self.vendor.name, **values)
            missing |= PLATINUM_CAPABILITIES - self.vendor.capabilities_of(settings)
        return missing

    def result(self, rule: Rule, platform: str) -> RuleResult:
        """The result of the rule; it runs once, and its result is remembered."""
        result = self._results.get((rule.name, platform))
        if result is None:
            result = self._results[rule.name, platform] = asyncio.run(self._run(rule, platform))
        return result

    def results(self, rules: Sequence[Rule] = RULES) -> list[RuleResult]:
        """The results of all rules on all platforms."""
        return [self.result(rule, platform) for platform in self.platforms for rule in rules]

    def tier(self) -> Tier:
        """The tier that the plugin reaches."""
        results = self.results()
        return reached(results, () if any(result.verdict == "broken" for result in results) else self.lacking())

    async def _run(self, rule: Rule, platform: str) -> RuleResult:
        exempt = self.vendor.quality.exempted(rule.name, platform)
        if exempt is not None:
            return RuleResult(rule, platform, "exempt", exempt)
        try:
            async with open_bed(self.vendor, self.plugin, platform) as bed:
                if missing := sorted(rule.needs - bed.can):
                    return RuleResult(rule, platform, "not applicable", f"the account can't {', '.join(missing)}")
                await rule.check(bed)
        except NotApplicable as error:
            return RuleResult(rule, platform, "not applicable", str(error))
        except RuleBroken as error:
            return RuleResult(rule, platform, "broken", str(error))
        except HubError as error:
            why = f"{type(error).__name__}: {error.message}"
            return RuleResult(rule, platform, "broken", why + (f"; {error.next_step}" if error.next_step else ""))
        except Exception as error:  # noqa: BLE001 - a plugin or its simulator may raise anything
            return RuleResult(rule, platform, "broken", f"{type(error).__name__}: {error}")
        return RuleResult(rule, platform, "kept")


def candidate(plugin: Any) -> Candidate:
    """A plugin ready for testing, given by the name of its entry point, or as the module or object with its hooks.

    Raises PluginError when it can't be loaded or has no simulator.
    """
    return _by_name(plugin) if isinstance(plugin, str) else _by_object(plugin)


@cache
def _by_name(name: str) -> Candidate:
    points = [point for point in metadata.entry_points(group=ENTRY_POINTS) if point.name == name]
    if not points:
        raise PluginError(f"no plugin named {name} is installed", next_step="install it: pip install -e .")
    vendor = load(strict=True, entry_points=points[:1]).vendors.get(name)
    return _ready(vendor, points[0].load())


@cache
def _by_object(plugin: Any) -> Candidate:
    name = plugin.hub_vendor().name if "hub_vendor" in answered(plugin) else "plugin"
    return _ready(load(strict=True, extra={name: plugin}, entry_points=[]).vendors.get(name), plugin)


def _ready(vendor: Vendor | None, plugin: Any) -> Candidate:
    if vendor is None:
        raise PluginError("the plugin names no vendor", next_step="implement hub_vendor")
    if "simulator" not in vendor.capabilities:
        raise PluginError(
            f"plugin {vendor.name} has no simulator, so it can't be tested",
            next_step="implement hub_simulator with a fake of the vendor's system; see "
            "hub.simulators.kit.VendorSimulator",
        )
    return Candidate(vendor, plugin)


def conformance(plugin: Any) -> Callable[..., None]:
    """All rules as tests: `test_acme = conformance("acme")` in a test file is the whole suite.

    Each rule is one test on each of the vendor's platforms, with its group in the test's id: `-k speaks` runs the
    rules of that group. A rule that does not apply to the account passes, and so does one that quality.toml exempts;
    the reason is among the test's properties. The last test compares the tier that the plugin claims with the tier
    that it reaches.
    """
    import pytest

    try:
        chosen = candidate(plugin)
    except PluginError as error:
        return _refused(f"{error.message}; {error.next_step}")
    cases = [
        pytest.param(rule, platform, id="-".join(filter(None, (platform, rule.group.replace(" ", "_"), rule.name))))
        for platform in chosen.platforms
        for rule in RULES
    ]

    @pytest.mark.parametrize(("rule", "platform"), [*cases, pytest.param(None, "", id="tier_is_reached")])
    def test(rule: Rule | None, platform: str, request: pytest.FixtureRequest) -> None:
        """The plugin keeps the rule."""
        # The record_property fixture would warn when --junit-xml writes pytest's default family of reports.
        properties = request.node.user_properties
        if rule is None:
            claimed, tier = chosen.vendor.quality.tier, chosen.tier()
            properties.append(("tier", tier))
            if beyond(claimed, tier):
                pytest.fail(f"quality.toml claims {claimed}, the plugin reaches {tier}", pytrace=False)
            return
        result = chosen.result(rule, platform)
        properties.append(("verdict", f"{result.verdict}: {result.why}" if result.why else result.verdict))
        if result.verdict == "broken":
            pytest.fail(f"{rule.says}\n{result.why}", pytrace=False)

    return test


def _refused(why: str) -> Callable[..., None]:
    def test() -> None:
        """The plugin can be tested."""
        import pytest

        pytest.fail(why, pytrace=False)

    return test
