"""A kind of vocabulary is one class: one of characters, which is no file of the house, goes from text to the page."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

from pipeline.run.outputs import read_json
from pipeline.store.scale import PERPLEXITY
from pipeline.store.sequences import Sequences
from pipeline.store.vocabularies import KINDS, read_vocabulary
from pipeline.store.vocabulary import Vocabulary
from tests.conftest import SetParams
from tests.test_subwords import CHANGES
from tests.to_page import to_page
from wikilm.__main__ import main

TEXTS = [f"The King rules the land {n} times.\nNaïve café, 東京." for n in range(12)]


def test_a_vocabulary_of_characters_goes_from_text_to_the_page(
    set_params: SetParams, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Characters(Vocabulary):
        """The most frequent characters; UNKNOWN stands for every other one."""

        about = "characters"
        marks = "[START]", "[END]", "[UNKNOWN]"
        one, many, called = "character", "characters", "characters"
        scale = PERPLEXITY  # of a text that it loses in part

        @staticmethod
        def learn(texts: Iterable[str], number: int) -> Tokenizer:
            most = Counter(chain.from_iterable(texts)).most_common(number)
            ids = {character: id for id, character in enumerate([Characters.marks[2], *(each for each, _ in most)])}
            tokenizer = Tokenizer(models.WordLevel(ids, unk_token=Characters.marks[2]))
            tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
            tokenizer.decoder = decoders.Fuse()
            return tokenizer

    monkeypatch.setitem(KINDS, "characters", Characters)
    set_params(CHANGES | {"vocabulary": {"kind": "characters", "size": 25}})
    to_page(TEXTS, "gru")
    assert "characters/s" in capsys.readouterr()[1]

    vocabulary = Sequences(Path("data/sequences.db")).vocabulary
    assert vocabulary == read_vocabulary(Path("data/vocabulary.tsv"))
    assert (type(vocabulary), len(vocabulary), vocabulary.words[0]) == (Characters, 26, " ")
    (first,) = Sequences(Path("data/sequences.db")).rows([1])
    assert vocabulary.text(first.tolist()) == "The King rules the land [UNKNOWN] times."
    figures = read_json(Path("data/metrics/train/gru.json"))
    assert "test_bits_per_byte" not in figures
    assert figures["test_dynamic_perplexity"] > 1
    page = Path("data/index.html").read_text(encoding="utf-8")
    assert "<dt>characters</dt>" in page
    assert "test perplexity" in page
    assert "UNKNOWN counts as a character" in page
    main(["next", "The Kin", "--json"])
    assert json.loads(capsys.readouterr()[0])["prompt"] == [*"The Kin"]
    main(["score", "The King rules."])
    assert capsys.readouterr()[0].startswith("perplexity")
