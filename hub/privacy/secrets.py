"""Rules for secrets, by a preceding name or by their format."""

from __future__ import annotations

import base64
import binascii
import re

from hub.model.keys import find_keys
from hub.privacy.rules import BLANK, SEPARATOR, VALUE, MaskingRule, Span, bare

_I = re.IGNORECASE

NAMES = (
    r"(?:pass(?:word|wort|wd|code)s?|pwd|mots?[ _-]?de[ _-]?passe|mdp|"
    r"secrets?(?:[ _-]?value)?|"
    r"(?:api|access|account|secret|encryption|signing|subscription|shared[ _-]?access)[ _-]?key|"
    r"apikey|private[ _-]?key|shared[ _-]?access[ _-]?signature|community[ _-]?string|"
    r"cl[eé][ _-](?:api|secr[eè]te|priv[eé]e|d['’]acc[eè]s)|"
    r"code[ _-]d['’]acc[eè]s|jeton(?:[ _-]d['’]acc[eè]s)?|"
    r"(?:access|refresh|id|auth|api|bearer|session|security|csrf|x-auth)[ _-]?token|"
    r"jsessionid|phpsessid|asp\.net_sessionid|connect\.sid)"
    r"(?:[_-](?:new|old|hash|value|text|confirm|confirmation)|[_-]?\d{1,3})?"
)
"""Names that always precede a secret, in English and French."""

_FOR_WHOM = (
    rf"(?:{BLANK}?\([^()\r\n]{{0,40}}\)"
    rf"|{BLANK}(?:for|of|to|on|du|de|des|pour|sur|temporaire|temporary){BLANK}[^\r\n:=]{{1,40}}?)?"
)
_NEEDS = (
    "pass",
    "pwd",
    "mdp",
    "secret",
    "key",
    "signature",
    "community",
    "cle",
    "clé",
    "acc",
    "jeton",
    "token",
    "sessi",
    "sid",
)
_LONG = 200
_TOKEN = 20
_SHORT = 6
_SORTS = 2
_QUOTES = "\"'`«“{"
_DIGIT = re.compile(r"\d")
_TWO_LETTERS = re.compile(r"[^\W\d_].*[^\W\d_]", re.DOTALL)
_SIGN = re.compile(r"[^\w./\\:-]")

_NOT_SECRET = frozenset(
    {
        "a",
        "an",
        "changed",
        "empty",
        "expired",
        "expiré",
        "expirée",
        "failed",
        "false",
        "faux",
        "forgotten",
        "hidden",
        "inconnu",
        "incorrect",
        "invalid",
        "invalide",
        "is",
        "la",
        "le",
        "manquant",
        "masked",
        "missing",
        "modifié",
        "n/a",
        "na",
        "nil",
        "no",
        "non",
        "none",
        "not",
        "null",
        "ok",
        "oublié",
        "oui",
        "required",
        "requis",
        "requise",
        "reset",
        "set",
        "the",
        "true",
        "un",
        "une",
        "unknown",
        "unset",
        "vide",
        "was",
        "wrong",
        "yes",
    }
)
_HIDDEN = re.compile(r"[*•●xX.]{3,}")
_AMOUNT = re.compile(r"[\d.,:/-]+[A-Za-z%]{0,4}")


def _named(match: re.Match[str]) -> Span | None:
    value, span = bare(match)
    return None if value.casefold() in _NOT_SECRET or _HIDDEN.fullmatch(value) else span


def _next_line(match: re.Match[str]) -> Span | None:
    return None if match["value"].endswith((":", "=")) else _named(match)


def _looks_secret(match: re.Match[str]) -> Span | None:
    """Mixed letters and digits; not amounts, addresses or our own keys."""
    value, span = bare(match)
    if len(value) >= _LONG:
        return span
    if find_keys(value) or value.startswith("http") or _AMOUNT.fullmatch(value):
        return None
    return span if len(value) >= _SHORT and _DIGIT.search(value) and _TWO_LETTERS.search(value) else None


def _surely_secret(match: re.Match[str]) -> Span | None:
    """Called the password, and in quotes or with a digit; or with three kinds of characters."""
    value, span = bare(match)
    if len(value) >= _LONG:
        return span
    if find_keys(value) or "://" in value or value.casefold() in _NOT_SECRET:
        return None
    if match["says"] and (match["value"][0] in _QUOTES or _looks_secret(match)):
        return span
    sorts = (value != value.upper(), value != value.lower(), _DIGIT.search(value), _SIGN.search(value))
    return span if len(value) >= _SHORT and sum(map(bool, sorts)) > _SORTS else None


def _long_or_mixed(match: re.Match[str]) -> Span | None:
    value = match["value"]
    return match.span("value") if _DIGIT.search(value) or len(value) >= _TOKEN else None


def _random_key(match: re.Match[str]) -> Span | None:
    value = match["value"]
    random = value != value.upper() and value != value.lower() and _DIGIT.search(value)
    return match.span("value") if random else None


def _name_and_password(match: re.Match[str]) -> Span | None:
    text = match["value"]
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    return match.span("value") if b":" in decoded else None


def _before_at(match: re.Match[str]) -> Span | None:
    start, end = match.span("value")[0], match["value"].rfind("@")
    return None if end < 0 or match["value"][:end] == "git" else (start, start + end)


def _argument(match: re.Match[str]) -> Span | None:
    return None if match["value"].startswith("-") else _named(match)


_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_BASE64_LINES = r"(?:(?:\s|\\[nr])*+[A-Za-z0-9+/=]{16,}+)*+"

_SHAPES = (
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{22,255}+|glpat-[A-Za-z0-9_-]{20,255}+",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,255}+|xapp-[A-Za-z0-9-]{10,255}+",  # Slack
    r"AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{20,2000}+",  # Google
    r"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}+",  # Microsoft Entra
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}+|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,255}+",
    r"npm_[A-Za-z0-9]{36}|pypi-AgEI[A-Za-z0-9_-]{20,500}+|hvs\.[A-Za-z0-9_-]{24,255}+|dapi[0-9a-f]{32}",
    r"SG\.[A-Za-z0-9_-]{16,64}+\.[A-Za-z0-9_-]{16,64}+|AGE-SECRET-KEY-1[A-Z0-9]{58}",
    r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/_-]{20,255}+|(?<=/webhookb2/)[A-Za-z0-9/@_-]{20,500}+",
)

_SCHEMES = r"(?:bearer|basic|digest|negotiate|ntlm|token|apikey|api-key|ar-jwt|aws4-hmac-sha256|sso-key|hmac|oauth)"
_REST = r"[^\r\n\"']++"
_PIN_NAMES = (
    r"(?<![A-Za-z])(?:pin|nip|otp|cvv|cvc|(?:verification|security|mfa|2fa|one-time|access)[ _-]code|"
    r"code[ _-]de[ _-](?:v[eé]rification|s[eé]curit[eé]))"
)

SECRETS: tuple[MaskingRule, ...] = (
    # Crosses lines: masks all lines of a key, even without its end.
    MaskingRule(
        "private key",
        re.compile(rf"{_BEGIN}(?:[^-]*+(?:-(?!----)[^-]*+)*+{_END}|{_BASE64_LINES})"),
        needs=("private key",),
    ),
    MaskingRule("password", re.compile(r"://(?P<value>[^\s/?#\"'<>\\]{1,500}+)"), _before_at, ("@",)),
    MaskingRule(
        "password", re.compile(r"jdbc:oracle:\w{1,10}:[^\s/@]{0,60}/(?P<value>[^\s@]{1,200}+)(?=@)"), needs=("jdbc:",)
    ),
    MaskingRule(
        "authorization",
        re.compile(
            rf"authorization\\?[\"']?{BLANK}{{0,5}}[:=]{BLANK}{{0,5}}\\?[\"']?(?P<value>{_SCHEMES}{BLANK}{{1,5}}"
            rf"(?:(?<=digest )[^\r\n]++|{_REST}))",
            _I,
        ),
        needs=("authorization",),
    ),
    MaskingRule(
        "authorization",
        re.compile(rf"(?<![\w-])(?:bearer|ar-jwt){BLANK}{{1,5}}(?P<value>[A-Za-z0-9._~+/-]{{8,}}+=*)", _I),
        _long_or_mixed,
        ("bearer", "ar-jwt"),
    ),
    MaskingRule(
        "authorization",
        re.compile(rf"(?<![\w-])basic{BLANK}{{1,5}}(?P<value>[A-Za-z0-9+/]{{6,2000}}+={{0,2}})", _I),
        _name_and_password,
        ("basic",),
    ),
    MaskingRule(
        "cookie",
        re.compile(
            rf"(?<![\w-])(?:set-)?cookie\\?[\"']?{BLANK}{{0,5}}[:=]{BLANK}{{0,5}}\\?[\"']?"
            rf"(?P<value>[^\s=;\"']{{1,100}}=[^\r\n\"']*+)",
            _I,
        ),
        needs=("cookie",),
    ),
    MaskingRule(
        "token", re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){1,4}+"), needs=("eyj",)
    ),
    MaskingRule("key", re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_SHAPES)})(?![A-Za-z0-9])")),
    MaskingRule(
        "password",
        re.compile(
            rf"(?:pass[ _-]?phrases?|phrase[ _-](?:de[ _-]passe|secr[eè]te)){SEPARATOR}(?P<value>[^\r\n]++)", _I
        ),
        _named,
        needs=("phrase",),
    ),
    MaskingRule("password", re.compile(rf"{NAMES}{_FOR_WHOM}{SEPARATOR}(?P<value>{VALUE})", _I), _named, _NEEDS),
    MaskingRule(
        "password",
        re.compile(rf"<(?:\w{{1,30}}:)?{NAMES}(?:\s[^<>]{{0,200}})?>(?P<value>[^<\r\n]++)", _I),
        _named,
        _NEEDS,
    ),
    # Crosses one line end: a name on one line and only its value on the next.
    MaskingRule(
        "password",
        re.compile(
            rf"{NAMES}{SEPARATOR}\r?\n{BLANK}{{0,20}}(?P<value>[^\s]{{1,200}}+)(?={BLANK}{{0,20}}(?:\r?\n|\Z))", _I
        ),
        _next_line,
        _NEEDS,
    ),
    MaskingRule(
        "password",
        re.compile(rf"(?<!\S)--?(?:{NAMES}|pass|pw|token){BLANK}{{1,5}}(?P<value>{VALUE})", _I),
        _argument,
        (*_NEEDS, "-pw"),
    ),
    MaskingRule(
        "password",
        re.compile(rf"(?<!\S)(?:-u|--user|--proxy-user){BLANK}{{1,5}}[\"']?(?P<value>[^\s:\"']{{1,100}}:[^\s\"']++)"),
        needs=("-u", "--proxy-user"),
    ),
    MaskingRule(
        "password",
        re.compile(
            rf"{NAMES}(?:(?P<says>{BLANK}{{1,5}}(?:is|was|est)(?:{BLANK}?:)?{BLANK}{{1,5}})"
            rf"|{BLANK}{{0,5}}[|\t]{BLANK}{{0,5}}|{BLANK}{{1,5}})(?P<value>{VALUE})",
            _I,
        ),
        _surely_secret,
        _NEEDS,
    ),
    MaskingRule(
        "key",
        re.compile(
            r"[?&](?:sig|signature|key|auth|code|x-amz-(?:signature|credential))=(?P<value>[^&\s\"'<>#]{8,}+)", _I
        ),
        needs=("sig", "key=", "auth=", "code=", "x-amz"),
    ),
    MaskingRule(
        "key",
        re.compile(rf"(?<![A-Za-z])key{SEPARATOR}(?P<value>[A-Za-z0-9+/_-]{{24,}}+={{0,2}})", _I),
        _random_key,
        ("key",),
    ),
    MaskingRule(
        "token",
        re.compile(rf"(?<![A-Za-z])(?:token|pass|auth|credentials?){SEPARATOR}(?P<value>{VALUE})", _I),
        _looks_secret,
        ("token", "pass", "auth", "credential"),
    ),
    MaskingRule(
        "password",
        re.compile(rf"{_PIN_NAMES}{SEPARATOR}(?P<value>[0-9]{{3,8}})(?![\w.-])", _I),
        needs=("pin", "nip", "otp", "cvv", "cvc", "code"),
    ),
)
