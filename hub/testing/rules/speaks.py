"""Speaks: the plugin says what it is and what it needs, in the spec's words, and does nothing while it does."""

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
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, RuleBroken, require, rule, same
from hub.testing.signatures import misfits
from hub.testing.watch import strangers, watched, written
from hub.vendors import TIERS
from hub.vendors.rules import module_of

_SECRET = re.compile(r"(?:^|_)(?:pass(?:word|phrase)?|secret|token|api_?key|private_key|credentials?)(?:_old)?$")
_IMPORT = (
    "import sys,importlib,os\n"
    "bad=[]\n"
    "def hear(event,a):\n"
    " if event in ('socket.connect','socket.bind','socket.getaddrinfo','subprocess.Popen','os.system'):\n"
    "  bad.append(event)\n"
    " elif event=='open' and set(str(a[1] or 'r'))&set('wax+') and '__pycache__' not in str(a[0]): bad.append(event)\n"
    "sys.dont_write_bytecode=True\n"
    "sys.path[:]=sys.argv[2:]\n"
    "sys.addaudithook(hear)\n"
    "importlib.import_module(sys.argv[1])\n"
    "print(','.join(bad))\n"
)


@rule("speaks")
async def hooks_match_the_spec(bench: TestBed) -> None:
    """Each hook takes arguments and gives a result of the types that the spec names."""
    found = misfits(bench.plugin)
    require(not found, "; ".join(found))


@rule("speaks")
async def loads_without_acting(bench: TestBed) -> None:
    """Importing the plugin calls nobody, starts nothing and writes no file."""
    module = module_of(bench.plugin)
    if module is None:
        raise NotApplicable("the plugin is in no module")
    done = subprocess.run(  # noqa: S603, ASYNC221 - the plugin's own name; nothing else runs meanwhile
        [sys.executable, "-c", _IMPORT, module.__name__, *sys.path], capture_output=True, text=True, check=False
    )
    same("what importing did", "", done.stdout.strip() if done.returncode == 0 else done.stderr[-500:])


@rule("speaks")
async def tells_without_acting(bench: TestBed) -> None:
    """Saying who it is, what it needs and how it connects calls nobody, starts nothing and writes no file."""
    with watched() as heard:
        bench.vendor.settings(bench.platform)
        bench.vendor.connect(bench.settings)
        bench.vendor.capabilities_of(bench.settings)
    did = [*strangers(heard, bench.url, *bench.also), *written(heard)]
    same("what telling did", [], did)
    same("calls at the vendor", 0, bench.simulator.calls())


@rule("speaks")
async def vendor_is_introduced(bench: TestBed) -> None:
    """The vendor has a title, a platform, an index lag that is not negative, and notes that are sentences."""
    info = bench.vendor.info
    require(info.title and info.platform, "title and platform are told")
    require(info.index_lag >= 0, "the index lag is negative")
    same("notes without a full stop", [], [note for note in info.notes if not note.endswith(".")])


@rule("speaks")
async def disclosure_names_ticket_fields(bench: TestBed) -> None:
    """What may leave is named by the ticket's own fields; title and severity are among them where cases are opened."""
    known = set(Ticket.__struct_fields__)
    same("unknown fields", set(), set(bench.vendor.info.discloses) - known)
    lacking = {"title", "severity"} - set(bench.vendor.info.discloses)
    require(not lacking or "open_case" not in bench.can, f"no case can be opened without {sorted(lacking)}")


@rule("speaks")
async def settings_are_closed(bench: TestBed) -> None:
    """A setting that the account does not have is refused, and no setting can be changed afterwards."""
    given = _given(bench)
    try:
        type(bench.settings)(**given | {"not_a_setting": "1"})
    except ValidationError:
        pass
    else:
        raise RuleBroken("an unknown setting is taken")
    name = next(iter(given))
    try:
        setattr(bench.settings, name, given[name])
    except (ValidationError, AttributeError, TypeError):
        return
    raise RuleBroken(f"the setting {name} can be changed")


@rule("speaks")
async def settings_are_explained(bench: TestBed) -> None:
    """Every setting has a title, and a description that is a sentence."""
    wrong = [
        name
        for name, one in type(bench.settings).model_fields.items()
        if not one.title or not (one.description or "").endswith(".")
    ]
    same("settings without title or sentence", [], wrong)


@rule("speaks")
async def secrets_are_typed(bench: TestBed) -> None:
    """A setting that holds a secret is a SecretStr."""
    fields = type(bench.settings).model_fields
    wrong = [name for name, one in fields.items() if _SECRET.search(name) and _is_text(one.annotation)]
    same("secrets as plain text", [], wrong)


@rule("speaks")
async def choices_have_defaults(bench: TestBed) -> None:
    """Where the vendor has several systems each has settings that name it, and an unknown one is refused."""
    if not bench.vendor.info.platforms:
        raise NotApplicable("the vendor has one system")
    same("the platform of the settings", bench.platform, vars(bench.settings).get("platform"))
    try:
        bench.vendor.settings("no-such-system")
    except SettingsError:
        return
    raise RuleBroken("an unknown platform is taken")


@rule("speaks")
async def the_account_names_its_system(bench: TestBed) -> None:
    """Where the vendor declares systems, the simulator's account names the one that it is, leaving it to no default."""
    if not bench.vendor.info.platforms:
        raise NotApplicable("the vendor has one system")
    named = bench.simulator.account(bench.url).get("platform")
    same("the system that the simulator's account names", bench.platform, named)


@rule("speaks")
async def capabilities_are_hooks(bench: TestBed) -> None:
    """What an account can do is named by hooks, and it can do something."""
    known = {hook.capability for hook in HOOKS.values()}
    said = bench.can
    if "capabilities" in bench.vendor.capabilities:
        said = frozenset(bench.plugin.hub_capabilities(bench.settings))
    same("capabilities that are no hooks", set(), set(said) - known)
    require(
        bench.can
        & {
            "open_case",
            "changed_cases",
            "changed_articles",
            "start_session",
            "changed_patches",
            "search_articles",
            "changed_sessions",
        },
        "the account can do nothing",
    )


@rule("speaks")
async def connection_keeps_to_the_address(bench: TestBed) -> None:
    """The connection goes to the address in the settings, is bounded in time, and limits what it reads."""
    made = bench.vendor.connect(bench.settings)
    require(made.is_ours(bench.url), f"the connection goes to {made.origin}, the account is at {bench.url}")
    require(0 < made.deadline <= 600 and made.max_reply <= 1 << 30, "deadline or size is not bounded")


@rule("speaks")
async def simulator_keeps_the_contract(bench: TestBed) -> None:
    """The simulator can be filled, touched and told, ends logins, keeps a ledger, and has all common faults."""
    wanted = ["expire_logins", "account", "tell", "reset", *(["fill", "touch"] if "changed_cases" in bench.can else [])]
    lacking = [name for name in wanted if not callable(getattr(bench.simulator, name, None))]
    same("what the simulator lacks", [], lacking)
    common = COMMON if bench.url.startswith("http") else LINE
    same("faults that it lacks", set(), {kind.name for kind in common} - set(bench.simulator.faults.kinds))
    same("cases in the ledger at the beginning", [], bench.stored("case"))


@rule("speaks", "check_account")
async def account_check_is_in_order(bench: TestBed) -> None:
    """The check of a sound account finds it in order, says what it looked at, and writes nothing."""
    before = len(bench.simulator.ledger.entries)
    findings = await bench.vendor.check_account(bench.account)
    require(findings, "nothing was looked at")
    same("findings that are not in order", [], [one for one in findings if not one.ok])
    same("findings without words", [], [one.name for one in findings if not one.name or not one.message])
    same("what the check stored", [], bench.simulator.ledger.entries[before:])


@rule("speaks", "intake")
async def intake_makes_sense(bench: TestBed) -> None:
    """Questions have distinct names and titles; a default is on its list; ticket fields are the ticket's."""
    form = (await bench.vendor.intake(bench.account)).questions
    names = [one.name for one in form]
    same("names of questions", sorted(set(names)), sorted(names))
    for one in form:
        require(one.title, f"question {one.name} has no title")
        same(f"choices of {one.name}", len(set(one.choices)), len(one.choices))
        if one.choices and one.default:
            require(one.default in one.choices, f"the default of {one.name} is not on its list")
        fields = {*Ticket.__struct_fields__, "contact.name", "contact.email", "contact.phone", ""}
        require(one.ticket_field in fields, f"{one.ticket_field} is no field of a ticket")


@rule("speaks")
async def quality_sheet_is_true_to_form(bench: TestBed) -> None:
    """The sheet of quality claims a tier that there is, exempts only rules that there are, and gives reasons."""
    from hub.testing.rules import RULES

    sheet = bench.vendor.quality
    require(sheet.tier in TIERS, f"there is no tier {sheet.tier}")
    names = {one.name for one in RULES}
    names |= {f"{platform}-{name}" for platform in bench.vendor.info.platforms for name in names}
    same("exempt rules that do not exist", set(), set(sheet.exempt) - names)
    same("exemptions without a reason", [], [name for name, why in sheet.exempt.items() if len(why) < 10])


@rule("speaks")
async def page_tells_of_it(bench: TestBed) -> None:
    """Where the plugin lives in a repository with pages on vendors, one tells of it and its required settings."""
    package = next(iter(getattr(module_of(bench.plugin), "__path__", ())), None)
    folder = Path(package).parents[1] / "docs/reference/vendors" if package else None
    if folder is None or not folder.is_dir():
        raise NotApplicable("there are no pages on vendors beside the plugin")
    page = folder / f"{bench.vendor.name}.md"
    require(page.is_file(), f"there is no page {page.name}")
    text = page.read_text("utf-8")
    required = [name for name, one in type(bench.settings).model_fields.items() if one.is_required()]
    same("settings without a word", [], [name for name in required if name != "vendor" and name not in text])


def _given(bench: TestBed) -> dict[str, Any]:
    return {name: getattr(bench.settings, name) for name in bench.settings.model_fields_set}


def _is_text(annotation: Any) -> bool:
    parts = get_args(annotation) or (annotation,)
    return str in parts and SecretStr not in parts
