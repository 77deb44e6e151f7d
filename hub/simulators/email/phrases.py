"""The desk's standard texts, in English and in French."""

from __future__ import annotations

from typing import Final, NamedTuple


class Phrases(NamedTuple):
    """The texts of one language."""

    status: str
    severity: str
    title: str
    statuses: dict[str, str]
    acknowledgement: str
    closed: str
    wrote: str
    original: str
    headers: tuple[str, str, str, str]
    """From, sent, to and subject above a mail that is quoted as Outlook does."""
    automatic: str
    away: str


PHRASES: Final = {
    "en": Phrases(
        "Status",
        "Severity",
        "Title",
        {"open": "Open", "working": "In Progress", "waiting": "Pending", "resolved": "Resolved", "closed": "Closed"},
        "This is an automatic reply. We have received your request{number} and will answer as soon as we can.",
        "This is an automatic reply. Case{number} is closed; please open a new one.",
        "On {when}, {who} wrote:",
        "-----Original Message-----",
        ("From", "Sent", "To", "Subject"),
        "Automatic reply: {subject}",
        "I am out of the office until Monday and read no mail. In urgent cases call the support desk.",
    ),
    "fr": Phrases(
        "Statut ",
        "Gravité ",
        "Titre ",
        {"open": "Ouvert", "working": "En cours", "waiting": "En attente", "resolved": "Résolu", "closed": "Fermé"},
        "Ceci est une réponse automatique. Nous avons bien reçu votre demande{number} et y répondrons sous peu.",
        "Ceci est une réponse automatique. Le dossier{number} est fermé ; veuillez en ouvrir un nouveau.",
        "Le {when}, {who} a écrit :",
        "-----Message d'origine-----",
        ("De", "Envoyé", "À", "Objet"),
        "Réponse automatique : {subject}",
        "Je suis absent jusqu'à lundi et ne lis pas mes messages. En cas d'urgence, appelez le support.",
    ),
}


def status_of(words: str) -> str:
    """The status that a word of either language means, or an empty string."""
    for phrases in PHRASES.values():
        for status, word in phrases.statuses.items():
            if word.casefold() == words.strip().casefold():
                return status
    return ""
