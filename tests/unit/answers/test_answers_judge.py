"""Facts about telling a person's answer from what a machine writes, case by case and over a labelled corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hub.answers import train
from hub.answers.judge import ReceivedText, judge
from hub.answers.phrases import read_phrase_book, shipped
from hub.answers.text import MAX_LENGTH, features, fold, plain
from hub.errors import SettingsError
from hub.model import Writer

CORPUS = Path(__file__).parent / "corpus"
TUNE, HELD_OUT = CORPUS / "tune.jsonl", CORPUS / "held_out.jsonl"
SHIPPED = Path(train.__file__).parent
PERSON, MACHINE, UNCLEAR = Writer.PERSON, Writer.MACHINE, Writer.UNCLEAR
ANSWER = "I can reproduce this with build 20.02. Restart the agent and tell me what you see."


def labelled(path: Path) -> list[dict[str, Any]]:
    """The labelled texts of a file."""
    return [row for line in path.read_text("utf-8").splitlines() if "is" in (row := json.loads(line))]


# --- the corpus -------------------------------------------------------------------------------------------------------


def test_the_corpus_is_large_half_french_and_kept_apart():
    """Each part is half French and half a machine's, and no text is in both."""
    tune, held_out = labelled(TUNE), labelled(HELD_OUT)
    assert len(tune) >= 300
    assert len(held_out) >= 150
    for rows in (tune, held_out):
        assert Counter(row["language"] for row in rows) == {"en": len(rows) / 2, "fr": len(rows) / 2}
        assert Counter(row["is"] for row in rows) == {"person": len(rows) / 2, "machine": len(rows) / 2}
    texts = [row["text"] for row in tune + held_out]
    assert not {row["text"] for row in held_out if len(row["text"]) > 12} & {row["text"] for row in tune}
    assert len(texts) > 900


def test_precision_and_recall_on_texts_that_nothing_was_tuned_on():
    """Measured once on 26 November 2026: person 0.988 and 0.80, machine 0.932 and 0.96; the floors are just below."""
    seen = Counter((row["is"], str(judge(ReceivedText(body=row["text"])).taken)) for row in labelled(HELD_OUT))
    told = {}
    for label in ("person", "machine"):
        right = seen[label, label]
        precision = right / sum(many for (_, taken), many in seen.items() if taken == label)
        recall = right / sum(many for (real, _), many in seen.items() if real == label)
        told[label] = (precision, recall)
        print(f"{label}: precision {precision:.3f}, recall {recall:.3f}")
    print("(label, taken for):", dict(seen))
    assert told["person"][0] >= 0.98
    assert told["person"][1] >= 0.78
    assert told["machine"][0] >= 0.92
    assert told["machine"][1] >= 0.95


def test_the_words_are_those_learnt_from_the_part_for_tuning():
    """The file of words shipped with the hub is what learning yields, and nothing of the held-out part is in it."""
    assert (SHIPPED / "words.toml").read_text("utf-8") == train.page([TUNE])


def test_no_name_is_learnt():
    """A word that is a person's name tells nothing, nor does one that was seen once."""
    told = [
        ("person", "Zoe restarts it"),
        ("person", "Zoe restarts them"),
        ("machine", "case opened"),
        ("machine", "case"),
    ]
    weights = train.learn(told, frozenset({"zoe"}), shipped())
    assert weights["restarts"] > 0 > weights["case"]
    assert not {word for word in weights if "zoe" in word or "opened" in word}


# --- one by one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ("Your case number is 00482913. We will respond within 4 business hours.", MACHINE),
        ("Votre numéro de dossier est 00482913. Nous vous répondrons dans les 4 heures ouvrables.", MACHINE),
        ("I am out of the office until Monday.", MACHINE),
        ("Je suis absente du bureau jusqu'à lundi.", MACHINE),
        ("Please take a moment to complete our satisfaction survey.", MACHINE),
        ("Merci de remplir notre sondage de satisfaction.", MACHINE),
        ("The status of case 12345 has been changed from New to In Progress.", MACHINE),
        ("Ce dossier sera ferme automatiquement pour cause d'inactivite.", MACHINE),
        ("This case has been escalated automatically to the duty manager.", MACHINE),
        ("Undeliverable: your message was not delivered, the mailbox is full.", MACHINE),
        ("<p>Nous avons bien re&ccedil;u votre demande.</p>", MACHINE),
        ("Your request has been received. / Votre demande a été reçue.", MACHINE),
        ("Done.", PERSON),
        ("Voilà, corrigé.", PERSON),
        ("OK", PERSON),
        (ANSWER, PERSON),
        ("Je reproduis le problème ici. Videz le cache et dites-moi ce que vous voyez.", PERSON),
        ("Restarted the node, all green.\n\n> This is an automated message, do not reply.", PERSON),
        ("It was the proxy.\n\nOn Mon, 2 Mar 2026 at 10:04, Support wrote:\nYour request has been received.", PERSON),
        ("C'est le pare-feu.\n\nLe lun. 2 mars 2026 à 10:04, Support a écrit :\nVotre demande a été reçue.", PERSON),
        ("Which version do you see?\n\nKind regards,\nDana\nPlease do not reply to this email.", PERSON),
        ("The port is wrong, it is 5094.\n\n--\nDana\nDo not reply to this e-mail.", UNCLEAR),
        ("", UNCLEAR),
        (" \n> quoted, and nothing else", UNCLEAR),
        ("Xyzzy plugh foobar quux", PERSON),
    ],
)
def test_what_texts_are_taken_for(body, taken):
    """A receipt, absence, survey, notice or bounce is a machine's; an answer, with whatever is quoted, a person's."""
    assert judge(ReceivedText(body=body)).taken is taken


@pytest.mark.parametrize(
    ("said", "taken", "why"),
    [
        (ReceivedText(body=ANSWER, automatic=True), MACHINE, "platform: marked as automatic"),
        (
            ReceivedText(body=ANSWER, author="6010", machine_authors=("6010",)),
            MACHINE,
            "author: configured as a machine",
        ),
        (ReceivedText(body=ANSWER, author="6011", machine_authors=("6010",)), PERSON, None),
        (ReceivedText(body=ANSWER, machine_authors=("",)), PERSON, None),
        (ReceivedText(body=ANSWER, author="MAILER-DAEMON@mx1.example"), MACHINE, "author: 'mailer-daemon'"),
        (ReceivedText(body=ANSWER, author="Automated Process"), MACHINE, "author: 'automated process'"),
        (ReceivedText(body=ANSWER, author="no-reply@vendor.example"), UNCLEAR, "author: 'no-reply', but the text"),
        (ReceivedText(body=ANSWER, author="ne-pas-répondre@vendor.example"), UNCLEAR, "author: 'ne-pas-repondre', but"),
        (ReceivedText(body=ANSWER, author="Dana Levesque"), PERSON, None),
        (
            ReceivedText(body=ANSWER, headers={"Auto-Submitted": "auto-replied (vacation)"}),
            MACHINE,
            "header: 'auto-submitted: auto-replied'",
        ),
        (ReceivedText(body=ANSWER, headers={"Auto-Submitted": "no"}), PERSON, None),
        (
            ReceivedText(body=ANSWER, headers={"Auto-Submitted": "auto-generated"}),
            UNCLEAR,
            "header: 'auto-submitted: auto-generated', but",
        ),
        (
            ReceivedText(body="Your request has been received.", headers={"Precedence": "bulk"}),
            MACHINE,
            "text: a receipt: ",
        ),
        (ReceivedText(body=ANSWER, headers={"Precedence": "Bulk"}), UNCLEAR, "header: 'precedence: bulk', but"),
        (ReceivedText(body=ANSWER, headers={"Return-Path": "<>"}), MACHINE, "header: 'return-path: <>'"),
        (ReceivedText(body=ANSWER, headers={"X-Autoreply": "yes"}), MACHINE, "header: 'x-autoreply:'"),
        (
            ReceivedText(body=ANSWER, headers={"X-Auto-Response-Suppress": "All", "Subject": "Re: x-autoreply: yes"}),
            PERSON,
            None,
        ),
        (
            ReceivedText(body=ANSWER, headers={"Content-Type": "multipart/report; report-type=delivery-status"}),
            MACHINE,
            "header: 'content-type: multipart/report'",
        ),
    ],
)
def test_marks_headers_and_authors_decide_or_cast_doubt(said, taken, why):
    """What is sure decides before the text; what machines and help desks share only keeps a text from counting."""
    verdict = judge(said)
    assert verdict.taken is taken
    assert verdict.why.startswith(why or "text: ")


def test_a_sure_sign_in_a_person_s_words_is_unclear():
    """A text that a machine signs, and that otherwise reads as a person's, is nobody's: somebody has to look."""
    verdict = judge(
        ReceivedText(body=f"{ANSWER} {ANSWER}\nI'll check the trace, it's the proxy. This is an automated message.")
    )
    assert verdict.taken is UNCLEAR
    assert "a machine names itself" in verdict.why
    assert "but the rest reads like a person's" in verdict.why


def test_what_tells_too_little_is_unclear():
    """A text between the two is said to be unclear, by its words."""
    verdict = judge(ReceivedText(body="Restarting the sync service did the trick, thanks to Frank for the hint."))
    assert verdict.taken is UNCLEAR
    assert verdict.why.startswith("words: ")


def test_no_reason_quotes_more_than_the_lists_hold():
    """What a wildcard of a phrase stood for is left out of the reason; it may be private."""
    verdict = judge(ReceivedText(body="Your request Hunter2-Falcon has been received. Secretive people wrote zebra."))
    assert verdict.taken is MACHINE
    assert verdict.why == "text: a receipt: 'your request …has been received'"


def test_a_vast_text_is_judged_by_its_beginning():
    """What is looked at is bounded, so that nobody can make the hub wait."""
    assert judge(ReceivedText(body="Your request has been received. " + "a" * 1_000_000)).taken is MACHINE
    assert len(plain("é" * (MAX_LENGTH * 2))) == MAX_LENGTH


def test_words_are_compared_bare():
    """Markup, accents, capitals, odd quotes and marks without width make no difference; numbers count by their kind."""
    assert fold(plain("<style>p {}</style><p>L’É\u200bQUIPE</p><blockquote>quoted</blockquote>Cœur")).split() == [
        "l'equipe",
        "coeur",
    ]
    assert features("a 5\n\n9.1.3 77120") == {"^", "a", "0", "0.0", "0000", "^ a", "a 0", "0 ^", "^ 0.0", "0.0 0000"}


# --- the files --------------------------------------------------------------------------------------------------------


def test_both_files_can_be_replaced(tmp_path):
    """A provider's own phrases count instead of those shipped with the hub."""
    own = tmp_path / "answers.toml"
    text = (SHIPPED / "answers.toml").read_text("utf-8")
    own.write_text(text.replace('"undeliverable"', '"the owl has returned"'), "utf-8")
    signs = read_phrase_book(own, SHIPPED / "words.toml")
    assert judge(ReceivedText(body="The owl has returned with your letter"), signs).taken is MACHINE
    assert signs.version == shipped().version


@pytest.mark.parametrize("text", ["version = 1", "not toml", "\ud800", 'version = "1"\n[weights]\nyour = "much"\n'])
def test_an_invalid_phrase_file_is_rejected(tmp_path, text):
    """A broken file is named, with what to do."""
    file = tmp_path / "mine.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    for given in ({"phrases": file}, {"words": file}):
        with pytest.raises(SettingsError, match=r"mine\.toml is not a valid phrase file") as caught:
            read_phrase_book(**given)
        assert "shipped with the hub" in caught.value.next_step
