"""The likeliest next words of a model of pieces: whole words, by `wikilm next` and from Python."""

import json
import time

import numpy as np
import pytest

from pipeline.scores.next_words import begins_word, likeliest_words
from pipeline.store.vocabulary import END
from tests.commands.conftest import Ask
from wikilm.run import Run

PROMPT = "in the begin"


@pytest.mark.usefixtures("in_tmp")
def test_a_words_probability_is_that_of_its_pieces_and_its_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Run().language_model()  # which comes with wikilm
    (_, prompt), blanks = model.read(PROMPT), begins_word(model.vocabulary)
    assert blanks is not None
    found = likeliest_words(model.chances_after(prompt), blanks, 6)
    assert max(len(ids) for ids, _ in found) > 1
    for ids, chance in found:
        pieces = [model.chances([*prompt, *ids[:at]])[id] for at, id in enumerate(ids)]
        after = model.chances([*prompt, *ids])
        assert chance == pytest.approx(np.prod(pieces) * (after[blanks].sum() + after[END]), rel=1e-4)
        assert not any(blanks[id] for id in ids[1:])
    assert sorted(found, key=lambda each: -each[1]) == found
    words, chances = zip(*model.next_words(PROMPT, 6), strict=True)
    assert words == tuple(model.vocabulary.text(ids) for ids, _ in found)
    assert chances == pytest.approx([chance for _, chance in found])
    printed, note = ask("next", *PROMPT.split(), "--top", "6", "--json")
    assert tuple(each["word"] for each in json.loads(printed)["words"]) == words
    assert "no blanks" not in note
    monkeypatch.setattr("pipeline.scores.next_words.FEWEST_BLANKS", 1.0)  # as of a script without blanks
    printed, note = ask("next", *PROMPT.split(), "--top", "1")
    assert note.endswith("; pieces, since the script has no blanks between words\n")


@pytest.mark.usefixtures("in_tmp")
def test_the_next_words_come_in_less_than_two_seconds(ask: Ask) -> None:
    model = Run().language_model()
    model.next_words("the")  # reads the model
    began = time.process_time()
    model.next_words("It was the best of times, it was the worst of times, it was the age of wisdom. " * 3)
    assert time.process_time() - began < 2
