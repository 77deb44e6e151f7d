"""What is masked in text that leaves, what stays, and how long it takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import SettingsError
from hub.privacy.personal import PERSONAL, iban, luhn
from hub.privacy.redact import KINDS, DisclosurePolicy, mark, redact

POLICY = DisclosurePolicy()
B64 = "MIIEowIBAAKCAQEAx1y2z3"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP"

SECRETS = [
    # text, what must be gone, kind
    ("password: hunter2", "hunter2", "password"),
    ("Password = S3cret!, retry", "S3cret!", "password"),
    ("PASSWORD=abc;Server=db1", "abc", "password"),
    ("DB_PASSWORD=x", "x", "password"),
    ("adminPassword: 'a b c'", "a b c", "password"),
    ("pwd:qwerty", "qwerty", "password"),
    ('{"password": "a \\" b", "user": "bob"}', 'a \\" b', "password"),
    ('{\\"password\\": \\"hunter2\\"}', "hunter2", "password"),
    ("**Password:** hunter2", "hunter2", "password"),
    ("<b>Password:</b> hunter2", "hunter2", "password"),
    ("<ns:password type='x'>hunter2</ns:password>", "hunter2", "password"),
    ("Password (temporary): hunter2", "hunter2", "password"),
    ("password for the admin account: hunter2", "hunter2", "password"),
    ("Password:\r\n  hunter2\r\nnext", "hunter2", "password"),
    ("mot de passe : azerty", "azerty", "password"),
    ("Mot de passe\u202f: « azerty »", "azerty", "password"),
    ("le mot de passe est azerty1", "azerty1", "password"),
    ("mdp=azerty", "azerty", "password"),
    ("clé API : abc", "abc", "password"),
    ("code d’accès : 4455", "4455", "password"),
    ("phrase de passe : un deux trois", "un deux trois", "password"),
    ("passphrase: correct horse battery staple", "correct horse battery staple", "password"),
    ("the password is hunter2", "hunter2", "password"),
    ('the password is "swordfish"', "swordfish", "password"),
    ("login bob password Summer2024!", "Summer2024!", "password"),
    ("| password | Summer2024! |", "Summer2024!", "password"),
    ("client_secret=abcdef", "abcdef", "password"),
    ("api-key: abcdef", "abcdef", "password"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG", "password"),
    ("AccountName=x;AccountKey=abc+/9==;EndpointSuffix=y", "abc+/9==", "password"),
    ("SharedAccessKey=abc", "abc", "password"),
    ("X-Auth-Token: abcdef", "abcdef", "password"),
    ("snmp community string: public2", "public2", "password"),
    ("mysql --password hunter2 -h db", "hunter2", "password"),
    ("curl -u bob:hunter2 https://x", "bob:hunter2", "password"),
    ("https://bob:hunter2@db.example/x", "bob:hunter2", "password"),
    ("postgresql://u:p@ss@db:5432/x", "p@ss", "password"),
    ("https://ghtoken@github.com/x", "ghtoken", "password"),
    ("jdbc:oracle:thin:scott/tiger@//db:1521/x", "tiger", "password"),
    ("pin: 4455", "4455", "password"),
    ("code de vérification : 123456", "123456", "password"),
    ("Authorization: Bearer abc.def", "Bearer abc.def", "authorization"),
    ("-H 'Authorization: Basic dXNlcjpwYXNz' https://x", "dXNlcjpwYXNz", "authorization"),
    ('Authorization: Digest username="bob", response="abc"', 'response="abc"', "authorization"),
    ("Authorization: AR-JWT abc", "AR-JWT abc", "authorization"),
    ("used bearer abcdef123456 there", "abcdef123456", "authorization"),
    ("used Basic dXNlcjpwYXNz there", "dXNlcjpwYXNz", "authorization"),
    ("Cookie: sid=abc; theme=dark", "sid=abc", "cookie"),
    ("Set-Cookie: JSESSIONID=abc; Path=/", "abc", "cookie"),
    (f"sent {JWT} there", JWT, "token"),
    ("token=abc123def", "abc123def", "token"),
    ("token: " + "abc." * 60, "abc.abc", "token"),
    ("password " + "abc." * 60, "abc.abc", "password"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "key"),
    ("ghp_" + "a1" * 18, "a1a1", "key"),
    ("xoxb-123456789012-abcdef", "xoxb-123", "key"),
    ("AIza" + "a" * 35, "AIza", "key"),
    ("abc8Q~" + "x" * 32, "8Q~", "key"),
    ("https://hooks.slack.com/services/T000/B000/abcdefghijkl", "abcdefghijkl", "key"),
    ("https://x.blob.core/a?sv=1&sig=abc%2Fdef%3D&se=2", "abc%2Fdef%3D", "key"),
    ("key: 9aBcDeFgHiJkLmNoPqRsTuVwXyZ", "9aBcDeFgHiJkLmNoPqRsTuVwXyZ", "key"),
    (f"-----BEGIN RSA PRIVATE KEY-----\n{B64}\n-----END RSA PRIVATE KEY-----", B64, "private key"),
    (f"-----BEGIN PRIVATE KEY-----\\n{B64}\\n-----END PRIVATE KEY-----", B64, "private key"),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{B64}\n{B64}\nthen", B64, "private key"),
    ("4111 1111 1111 1111", "1111", "card number"),
    ("2024 4111-1111-1111-1111", "4111", "card number"),
    ("378282246310005", "378282246310005", "card number"),
    ("3782 822463 10005", "822463", "card number"),
    ("SIN 046 454 286", "046 454 286", "social insurance number"),
    ("NAS : 046454286", "046454286", "social insurance number"),
    ("SSN 123-45-6789", "123-45-6789", "social security number"),
    ("GB82 WEST 1234 5698 7654 32 PLEASE", "WEST", "bank account"),
    ("DE89370400440532013000", "DE89370400440532013000", "bank account"),
    ("write to jean.o'neil+x@mail.example.com.", "jean.o'neil+x@mail.example.com", "e-mail address"),
    ("'élodie@exemple.qc.ca'", "élodie@exemple.qc.ca", "e-mail address"),
    ("call 514-555-1234 now", "514-555-1234", "phone number"),
    ("(514) 555-1234", "555-1234", "phone number"),
    ("+1 514.555.1234", "514.555.1234", "phone number"),
    ("+33 1 42 68 53 00", "42 68", "phone number"),
    ("01 42 68 53 00", "42 68", "phone number"),
    ("tél. : 5145551234", "5145551234", "phone number"),
]

HARMLESS = [
    "version 9.1.04.002, build 20240115.1, 21.3.0.4567",
    "INC000001234567 and REQ0012345 and CHG-2024-00077",
    "550e8400-e29b-41d4-a716-446655440000",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "commit 249973c, md5: d41d8cd98f00b204e9800998ecf8427e",
    "2026-03-02T12:00:00.123+05:30, 02/03/2026 12:00",
    "C:\\Program Files\\BMC Software\\ARSystem\\arerror.log /opt/bmc/ARSystem/db/arsystem.log",
    "RJR-000123-7F3KQ and [RJR-000123-7F3KQ/3-X2QF], token: RJR-000123-7F3KQ",
    "the host 10.0.0.5:8080 and 192.168.1.20/24, fe80::1",
    "the password is incorrect, password expired, password policy, password: expired",
    "mot de passe oublié, le mot de passe est invalide, mot de passe : expiré",
    "password: ******** and password: xxxx",
    "ARERR 623 Authentication failed; ORA-01017: invalid username/password; logon denied",
    "bearer authentication, Basic troubleshooting, basic auth, Authorization: none",
    "unexpected token: '}', the tokenizer: fast, pass: 12ms, 3 of 4 tests pass: ok",
    "auth: https://login.example.com/oauth2/v2.0",
    "primary key: 12345, registry key: HKLM\\Software\\Vendor2, issue key: PROJ-1234",
    "react@18.2.0, Object@1a2b3c, git@github.com:team/repo, @channel, root@localhost",
    "https://example.com/@user and ssh://git@example.com/repo and http://host:80/x",
    "1234567890123456 is no card, 4111111111111112 neither, 0000 0000 0000 0000",
    "123 456 789 is not valid, and neither is SIN 123456789, but 123456782 is just a number",
    "000-12-3456 and 123-00-4567 and 1123-45-67890",
    "GB82WEST12345698765433, XX82WEST12345698765432, AB12CDEFGHIJKLMNOP, DE8937040044",
    "1-514-555-12345, 114-555-1234, 514-155-1234, INC514-555-1234, +12",
    "the cookie: enabled, secretary: see page 4",
    "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAx1y2z3\n-----END CERTIFICATE-----",
    "l'adresse à côté, 日本語, \U0001f600, \u202eabc",
    "basic abcdefgh=, basic abcde, basic abcdefghi",
    "connect --password --host db",
    "Password:\nUsername:",
    "",
]


@pytest.mark.parametrize(("text", "secret", "kind"), SECRETS)
def test_secrets_and_personal_data_are_masked(text: str, secret: str, kind: str) -> None:
    """The secret is gone, its kind is told and counted, and what stands around it remains."""
    masked = redact(f"Hello.\n{text}\nBye.", POLICY)
    assert secret not in masked.text
    assert mark(kind) in masked.text
    assert masked.counts[kind] >= 1
    assert masked.text.startswith("Hello.\n")
    assert masked.text.endswith("\nBye.")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_secret_stays(text: str) -> None:
    """Versions, numbers, identifiers, hashes, paths, dates, our own keys and plain talk leave as they are."""
    assert redact(text, POLICY) == redact(text, POLICY).evolve(text=text, counts={})


def test_only_the_secret_is_removed() -> None:
    """Names, quotes and neighbours of a value stay, so that the text remains of use."""
    assert redact('Server=db1;Pwd=abc;Timeout=5 {"token": "a1b2c3d4"}', POLICY).text == (
        'Server=db1;Pwd=[removed: password];Timeout=5 {"token": "[removed: token]"}'
    )
    assert redact("https://u:p@host/x?a=1", POLICY).text == "https://[removed: password]@host/x?a=1"


def test_everything_is_counted() -> None:
    """Each masked thing counts once, by kind."""
    masked = redact("password: a1, password: b2; bob@example.com", POLICY)
    assert masked.counts == {"password": 2, "e-mail address": 1}


def test_a_forged_mark_protects_nothing() -> None:
    """Only marks of known kinds are taken for marks."""
    assert "hunter2" not in redact("password: [removed:hunter2]", POLICY).text
    assert set(KINDS) >= {kind for _, _, kind in SECRETS}


def test_an_accounts_own_expressions_mask_too() -> None:
    """Extra expressions apply as they are written, and never to what was masked before."""
    policy = DisclosurePolicy(extra_patterns=(r"ACME-\d+", r"removed|x*"))
    masked = redact("ACME-12 xx removed password: hunter2", policy)
    assert masked.text == f"{mark('pattern')} {mark('pattern')} {mark('pattern')} password: {mark('password')}"
    assert redact(masked.text, policy).text == masked.text


def test_an_expression_that_does_not_compile_is_named() -> None:
    """The operator learns which expression is wrong."""
    with pytest.raises(SettingsError, match="expression 2"):
        redact("x", DisclosurePolicy(extra_patterns=("ok", "(")))


def test_a_text_that_uncovers_more_with_each_pass_is_removed_whole() -> None:
    """An expression that feeds on its own marks ends in a text with nothing in it."""
    policy = DisclosurePolicy(extra_patterns=(r"a\Z|(?<=a)\Z|b(?=\Z)|.(?=\Z)",))
    masked = redact("a" * 30, policy)
    assert masked.text == mark("text")
    assert redact(masked.text, policy).text == masked.text


words = st.sampled_from(
    [text for text, _, _ in SECRETS]
    + HARMLESS
    + [mark(kind) for kind in KINDS]
    + list(" \n:='\"@-/[]")
    + ["password", "is"]
)


@given(st.one_of(st.text(), st.lists(words, max_size=6).map("".join)))
@example("\ud800password: \udfff")
@example("ſecret: x \u0130\u212a")
def test_masking_twice_is_masking_once(text: str) -> None:
    """A masked text is left alone, whatever Unicode it holds."""
    once = redact(text, POLICY)
    again = redact(once.text, POLICY)
    assert again.text == once.text
    assert again.counts == ({} if once.text != mark("text") else again.counts)


SIZE = 1 << 16
HOSTILE = [
    "a",
    "1",
    "@",
    "a@",
    "a.",
    "@a.",
    "'a",
    "-",
    "- ",
    "1 ",
    "1-",
    "4111 ",
    "+1 ",
    "0",
    "a:",
    "//",
    "://",
    "://a:",
    "eyJ",
    "eyJaaaaaaaa.",
    "bearer ",
    "basic ",
    "basic abcdef",
    "password",
    "password:",
    "password: ",
    "password\n",
    "password:\n",
    "password is ",
    "password|",
    "password for a ",
    "password (",
    'password="',
    "password='a",
    "password=;a",
    "password=*",
    "token:",
    "token: http",
    "token:http",
    "key:",
    "key: a",
    "pass",
    "passphrase:",
    "secret_",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY----- \\n",
    "-----",
    "<password ",
    "<password>",
    "--password ",
    "-u a",
    "-u a:",
    "cookie: a",
    "authorization: ",
    "authorization: digest ",
    "jdbc:oracle:thin:",
    "jdbc:oracle:thin:a/",
    "GB82",
    "GB82 ",
    "A1",
    "[removed: ",
    mark("password"),
    "tel ",
    "phone 1",
    "sin ",
    "&sig=",
    "?key=aaaaaaaa&",
    "xoxb-a",
    "8Q~",
    "hooks.slack.com/services/",
]
BENIGN = "The server at site 4 answered 503 at 10:15; user bob@example.com saw token errors, see https://kb/x?key=1. "


def seconds(text: str) -> float:
    began = time.perf_counter()
    redact(text, POLICY)
    return time.perf_counter() - began


@pytest.fixture(scope="module")
def benign() -> float:
    return min(seconds(BENIGN * (SIZE // len(BENIGN))) for _ in range(2))


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_does_not_explode_on_hostile_text(piece: str, benign: float) -> None:
    """64 thousand hostile characters take no more than some multiple of as many ordinary ones."""
    text = piece * (SIZE // len(piece))
    assert any(seconds(text) < benign * 40 for _ in range(3))


def test_luhn_and_iban_follow_their_standards() -> None:
    """One wrong digit breaks either check; the same digit over and over is no number."""
    assert luhn("4111 1111 1111 1111")
    assert not luhn("4111 1111 1111 1112")
    assert not luhn("000 000 000")
    assert iban("GB82WEST12345698765432")
    assert not iban("GB82WEST12345698765433")


def test_what_is_masked_never_overlaps() -> None:
    """An address that runs into the next one is told once, from where the first has ended."""
    text = "bob@example.comx@y.ca"
    rule = next(rule for rule in PERSONAL if rule.kind == "e-mail address")
    assert [text[start:end] for start, end in rule.spans(text)] == ["bob@example.comx", "@y.ca"]
