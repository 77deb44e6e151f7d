"""Rules for personal data: cards, national numbers, bank accounts, e-mail addresses and phone numbers."""

from __future__ import annotations

import re

from hub.privacy.rules import BLANK, MaskingRule, Span

_I = re.IGNORECASE

_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FO FI GL NL",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS",
        23: "AE GI IL IQ TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
    }.items()
    for country in countries.split()
}
"""Characters of an account number by country, from the IBAN registry of SWIFT."""

_CARD_STARTS = re.compile(r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[689])|6(?:011|4[4-9]|5)|35")
_LOCAL = re.compile(r"[\w.+%'-]")
_NOT_A_PERSON = frozenset({"git", "hg", "svn"})


def luhn(number: str) -> bool:
    """Whether the text's digits end in the check digit of ISO/IEC 7812; not for one repeated digit."""
    digits = [int(letter) for letter in number if letter.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether the check digits are valid by ISO 13616 (remainder 1 modulo 97)."""
    turned = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _card(match: re.Match[str]) -> Span | None:
    return match.span() if _CARD_STARTS.match(match.group()) and luhn(match.group()) else None


def _national(match: re.Match[str]) -> Span | None:
    return match.span("value") if luhn(match["value"]) else None


def _account(match: re.Match[str]) -> Span | None:
    """The country's number of characters; following words are not part of it."""
    wanted = _IBAN_LENGTHS.get(match.group()[:2], 0)
    places = [place for place, letter in enumerate(match.group()) if letter != " "][:wanted]
    if not wanted or len(places) < wanted or not iban("".join(match.group()[place] for place in places)):
        return None
    return match.start(), match.start() + places[-1] + 1


def _address(match: re.Match[str]) -> Span | None:
    """The whole address around an @; scans left only to the start of the address."""
    text, start = match.string, match.start()
    while start and _LOCAL.match(text, start - 1):
        start -= 1
    local = text[start : match.start()].strip("'")
    return None if not local or local in _NOT_A_PERSON else (match.start() - len(local), match.end())


_AREA = r"(?:\([2-9]\d\d\)[ .-]?|[2-9]\d\d[ .-])"

PERSONAL: tuple[MaskingRule, ...] = (
    MaskingRule(
        "e-mail address",
        re.compile(r"@(?:[\w-]{1,63}+\.){1,8}(?:[^\W\d_]{2,63}+|(?<=\.)xn--[\w-]{1,59}+)"),
        _address,
        ("@",),
    ),
    MaskingRule("bank account", re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}+"), _account),
    MaskingRule(
        "card number",
        re.compile(
            r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?"
            r"|\d{4}([ -])\d{6}\2\d{5})(?![\w-])"
        ),
        _card,
    ),
    MaskingRule(
        "social insurance number", re.compile(r"(?<![\w.-])(?P<value>\d{3}([ -])\d{3}\2\d{3})(?![\w-])"), _national
    ),
    MaskingRule(
        "social insurance number",
        re.compile(
            r"(?<![A-Za-z])(?:sin|nas|social insurance|assurance sociale)[^\d\r\n]{1,20}"
            r"(?P<value>\d{9})(?!\d)",
            _I,
        ),
        _national,
        ("sin", "nas", "social"),
    ),
    MaskingRule(
        "social security number", re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
    ),
    MaskingRule(
        "phone number", re.compile(rf"(?<![\w.+/-])(?:\+?1[ .-]?)?{_AREA}[2-9]\d\d[ .-]\d{{4}}(?![\w]|[.-]\d)")
    ),
    MaskingRule(
        "phone number", re.compile(r"(?<![\w+])\+[1-9]\d{0,2}(?:[ .()-]{0,2}\d){7,13}+(?![\w]|[.-]\d)"), needs=("+",)
    ),
    MaskingRule("phone number", re.compile(r"(?<![\w.,/-])0[1-9](?P<s>[ .])\d\d(?:(?P=s)\d\d){3}(?![\w]|[ .-]\d)")),
    MaskingRule(
        "phone number",
        re.compile(
            rf"(?<![A-Za-z])(?:t[eé]l(?:[eé]phone)?|phone|mobile|cell|cellulaire|fax)\.?{BLANK}{{0,3}}"
            rf"(?:[:#=]|no\.?|num[eé]ro)?{BLANK}{{0,3}}(?P<value>\+?\d[\d .()-]{{6,18}}\d)(?!\w)",
            _I,
        ),
        needs=("tel", "tél", "phone", "mobile", "cell", "fax"),
    ),
)
