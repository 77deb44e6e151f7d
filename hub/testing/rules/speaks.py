"""Speaks: the plugin describes itself and its settings as the spec asks, without side effects."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from hub.errors import SettingsError
from hub.hooks import HOOKS
from hub.model import Ticket
from hub.simulators.kit.faults import COMMON, LINE
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, RuleBroken, require, require_equal
from hub.testing.rule import rule
from hub.testing.signatures import misfits
from hub.testing.watch import other_hosts, recorded, side_effects
from hub.vendors.rules import module_of

_SECRET = re.compile(r"(?:^|_)(?:pass(?:word|phrase)?|secret|token|api_?key|private_key|credentials?)(?:_old)?$")
_IMPORT = (
    "import sys,importlib,os\n"
    "bad=[]\n"
    "def record(event,a):\n"
    " if event in ('socket.connect','socket.bind','socket.getaddrinfo','subprocess.Popen','os.system'):\n"
    "  bad.append(event)\n"
    " elif event=='open' and set(str(a[1] or 'r'))&set('wax+') and '__pycache__' not in str(a[0]): bad.append(event)\n"
    "sys.dont_write_bytecode=True\n"
    "sys.path[:]=sys.argv[2:]\n"
    "sys.addaudithook(record)\n"
    "importlib.import_module(sys.argv[1])\n"
    "print(','.join(bad))\n"
)


@rule("speaks")
async def hooks_match_the_spec(bed: TestBed) -> None:
    """Each hook has the argument and result types of the spec."""
    problems = misfits(bed.plugin)
    require(not problems, "; ".join(problems))


@rule("speaks")
async def loads_without_acting(bed: TestBed) -> None:
    """Importing the plugin opens no connection, starts no process and writes no file."""
    module = module_of(bed.plugin)
    if module is None:
        raise NotApplicable("the plugin is not in a module")
    done = subprocess.run(  # noqa: S603, ASYNC221 - only the plugin's own name is run
        [sys.executable, "-c", _IMPORT, module.__name__, *sys.path], capture_output=True, text=True, check=False
    )
    require_equal("what importing did", "", done.stdout.strip() if done.returncode == 0 else done.stderr[-500:])


@rule("speaks")
async def describes_itself_without_acting(bed: TestBed) -> None:
    """Describing its vendor, settings and connection opens no connection, starts no process and writes no file."""
    with recorded() as events:
        bed.vendor.settings(bed.platform)
        bed.vendor.connect(bed.settings)
        bed.vendor.capabilities_of(bed.settings)
    effects = [*other_hosts(events, bed.url, *bed.other_urls), *side_effects(events)]
    require_equal("side effects", [], effects)
    require_equal("calls at the vendor", 0, bed.simulator.calls())


@rule("speaks")
async def vendor_is_described(bed: TestBed) -> None:
    """The vendor has a title, a platform, an index lag of zero or more, and notes in full sentences."""
    info = bed.vendor.info
    require(info.title and info.platform, "the title or the platform is missing")
    require(info.index_lag >= 0, "the index lag is negative")
    require_equal("notes without a full stop", [], [note for note in info.notes if not note.endswith(".")])


@rule("speaks")
async def disclosure_names_ticket_fields(bed: TestBed) -> None:
    """The fields that may be disclosed are ticket fields, and include title and severity if cases are opened."""
    require_equal("unknown fields", set(), set(bed.vendor.info.discloses) - set(Ticket.__struct_fields__))
    missing = {"title", "severity"} - set(bed.vendor.info.discloses)
    require(not missing or "open_case" not in bed.can, f"no case can be opened without {sorted(missing)}")


@rule("speaks")
async def settings_are_closed(bed: TestBed) -> None:
    """An unknown setting is refused, and settings can't be changed after they are created."""
    values = _explicit_settings(bed)
    try:
        type(bed.settings)(**values | {"not_a_setting": "1"})
    except ValidationError:
        pass
    else:
        raise RuleBroken("an unknown setting is accepted")
    name = next(iter(values))
    try:
        setattr(bed.settings, name, values[name])
    except (ValidationError, AttributeError, TypeError):
        return
    raise RuleBroken(f"the setting {name} can be changed")


@rule("speaks")
async def settings_are_explained(bed: TestBed) -> None:
    """Every setting has a title, and a description that is a full sentence."""
    wrong = [
        name
        for name, field in type(bed.settings).model_fields.items()
        if not field.title or not (field.description or "").endswith(".")
    ]
    require_equal("settings without a title or description", [], wrong)


@rule("speaks")
async def secrets_are_typed(bed: TestBed) -> None:
    """A setting that holds a secret is a SecretStr."""
    fields = type(bed.settings).model_fields
    wrong = [name for name, field in fields.items() if _SECRET.search(name) and _is_text(field.annotation)]
    require_equal("secrets as plain text", [], wrong)


@rule("speaks")
async def each_platform_has_settings(bed: TestBed) -> None:
    """If the vendor has several platforms, the settings of each name it, and an unknown platform is refused."""
    if not bed.vendor.info.platforms:
        raise NotApplicable("the vendor has one platform")
    require_equal("the platform of the settings", bed.platform, vars(bed.settings).get("platform"))
    try:
        bed.vendor.settings("no-such-system")
    except SettingsError:
        return
    raise RuleBroken("an unknown platform is accepted")


@rule("speaks")
async def the_account_names_its_platform(bed: TestBed) -> None:
    """If the vendor has several platforms, the simulator's account names its platform explicitly."""
    if not bed.vendor.info.platforms:
        raise NotApplicable("the vendor has one platform")
    platform = bed.simulator.account(bed.url).get("platform")
    require_equal("the platform of the simulator's account", bed.platform, platform)


@rule("speaks")
async def capabilities_are_hooks(bed: TestBed) -> None:
    """An account's capabilities are names of hooks, and it has at least one of the main ones."""
    known = {hook.capability for hook in HOOKS.values()}
    capabilities = bed.can
    if "capabilities" in bed.vendor.capabilities:
        capabilities = frozenset(bed.plugin.hub_capabilities(bed.settings))
    require_equal("capabilities that are not hooks", set(), set(capabilities) - known)
    require(
        bed.can
        & {
            "open_case",
            "changed_cases",
            "changed_articles",
            "start_session",
            "changed_patches",
            "search_articles",
            "changed_sessions",
        },
        "the account has none of the main capabilities",
    )


@rule("speaks")
async def connection_keeps_to_the_address(bed: TestBed) -> None:
    """The connection uses the address in the settings and limits the time and size of a reply."""
    connection = bed.vendor.connect(bed.settings)
    require(connection.is_ours(bed.url), f"the connection goes to {connection.origin}, the account is at {bed.url}")
    require(
        0 < connection.deadline <= 600 and connection.max_reply <= 1 << 30,
        "the deadline or the size of a reply is not limited",
    )


@rule("speaks")
async def simulator_keeps_the_contract(bed: TestBed) -> None:
    """The simulator has the methods that tests need, an empty ledger, and all common faults."""
    wanted = ["expire_logins", "account", "act", "reset", *(["fill", "touch"] if "changed_cases" in bed.can else [])]
    missing = [name for name in wanted if not callable(getattr(bed.simulator, name, None))]
    require_equal("missing methods", [], missing)
    common = COMMON if bed.url.startswith("http") else LINE
    require_equal("missing faults", set(), {kind.name for kind in common} - set(bed.simulator.faults.kinds))
    require_equal("cases in the ledger at the beginning", [], bed.stored("case"))


@rule("speaks", "check_account")
async def account_check_passes(bed: TestBed) -> None:
    """The check of a working account reports no problem, says what it checked, and writes nothing."""
    before = len(bed.simulator.ledger.entries)
    findings = await bed.vendor.check_account(bed.account)
    require(findings, "nothing was checked")
    require_equal("problems", [], [finding for finding in findings if not finding.ok])
    unnamed = [finding.name for finding in findings if not finding.name or not finding.message]
    require_equal("findings without a name or message", [], unnamed)
    require_equal("what the check stored", [], bed.simulator.ledger.entries[before:])


@rule("speaks", "intake")
async def intake_is_consistent(bed: TestBed) -> None:
    """Questions have distinct names, titles, defaults among their choices, and existing ticket fields."""
    form = (await bed.vendor.intake(bed.account)).questions
    names = [question.name for question in form]
    require_equal("names of questions", sorted(set(names)), sorted(names))
    for question in form:
        require(question.title, f"question {question.name} has no title")
        require_equal(f"choices of {question.name}", len(set(question.choices)), len(question.choices))
        if question.choices and question.default:
            require(question.default in question.choices, f"the default of {question.name} is not among its choices")
        fields = {*Ticket.__struct_fields__, "contact.name", "contact.email", "contact.phone", ""}
        require(question.ticket_field in fields, f"{question.ticket_field} is not a ticket field")


@rule("speaks")
async def documentation_page_exists(bed: TestBed) -> None:
    """In a repository with a page for each vendor, the plugin has one that names its required settings."""
    package = next(iter(getattr(module_of(bed.plugin), "__path__", ())), None)
    folder = Path(package).parents[1] / "docs/reference/vendors" if package else None
    if folder is None or not folder.is_dir():
        raise NotApplicable("the repository has no pages on vendors")
    page = folder / f"{bed.vendor.name}.md"
    require(page.is_file(), f"the page {page.name} is missing")
    text = page.read_text("utf-8")
    required = [name for name, field in type(bed.settings).model_fields.items() if field.is_required()]
    require_equal(
        "settings that the page does not mention",
        [],
        [name for name in required if name != "vendor" and name not in text],
    )


def _explicit_settings(bed: TestBed) -> dict[str, Any]:
    return {name: getattr(bed.settings, name) for name in bed.settings.model_fields_set}


def _is_text(annotation: Any) -> bool:
    parts = get_args(annotation) or (annotation,)
    return str in parts and SecretStr not in parts
