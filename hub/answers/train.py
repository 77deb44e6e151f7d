"""Learns what each word tells of a person or a machine from labelled texts; `python -m hub.answers.train FILE...`."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from hub.answers.phrases import PhraseBook, shipped
from hub.answers.text import features, fold, own, plain

SEEN = 2
"""Texts that a word must be in before anything is learnt from it."""

SMOOTHING, MOST, LEAST = 0.5, 1.5, 0.3
"""Added to each count; the most that one word may tell; what tells less is left out."""

HEAD = """\
# What a word, or a pair of them, tells: above zero for a person, below for a machine. Learnt, not written: by
# `python -m hub.answers.train` from labelled texts, one JSON object a line with `is` (person or machine) and `text`.
"""


def learn(texts: Iterable[tuple[str, str]], names: frozenset[str], signs: PhraseBook) -> dict[str, float]:
    """The weight of each word by the logarithm of how much oftener people write it than machines.

    `texts` are (label, text); a word that is among `names` tells nothing of other people's texts and is left out.
    """
    seen: dict[str, Counter[str]] = {"person": Counter(), "machine": Counter()}
    many: Counter[str] = Counter()
    for label, text in texts:
        head, _ = own(fold(plain(text)), signs.quote, signs.tail)
        seen[label].update(word for word in features(head) if not names & set(word.split()))
        many[label] += 1
    weights = {}
    for word in sorted(seen["person"].keys() | seen["machine"].keys()):
        if seen["person"][word] + seen["machine"][word] >= SEEN:
            weight = _share(seen, many, "person", word) - _share(seen, many, "machine", word)
            if abs(weight) >= LEAST:
                weights[word] = round(max(-MOST, min(MOST, weight)), 2)
    return weights


def _share(seen: Mapping[str, Counter[str]], many: Counter[str], label: str, word: str) -> float:
    return math.log((seen[label][word] + SMOOTHING) / (many[label] + 2 * SMOOTHING))


def page(paths: Iterable[Path]) -> str:
    """The file `words.toml` as it is learnt from these files of labelled texts; a line with `names` names people."""
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    names = frozenset(name for row in rows for name in row.get("names", ()))
    weights = learn(((row["is"], row["text"]) for row in rows if "is" in row), names, shipped())
    version = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    told = "\n".join(f"{json.dumps(word)} = {weight}" for word, weight in weights.items())
    return f'{HEAD}\nversion = "{version}"\n\n[weights]\n{told}\n'


if __name__ == "__main__":  # pragma: no cover - tests call `page`
    sys.stdout.write(page(map(Path, sys.argv[1:])))
