"""`wikilm next` with a model of pieces: whole words."""

import pytest
import torch

from pipeline.store.vocabulary import END
from pipeline.trained.learnt import before_sentence
from pipeline.trained.predictions import next_chances
from pipeline.trained.whole_words import begins_word, likeliest_words
from tests.commands.conftest import Ask
from wikilm.run import Run

PROMPT = "in the begin"


@pytest.mark.usefixtures("in_tmp")
def test_a_words_probability_is_that_of_its_pieces_and_its_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Run().language_model()  # which comes with wikilm
    before, (_, prompt), blanks = before_sentence(model.record), model.read(PROMPT), begins_word(model.vocabulary)
    assert blanks is not None
    found = likeliest_words(model.network, before, prompt, blanks, 6)
    assert max(len(ids) for ids, _ in found) > 1
    for ids, chance in found:
        pieces = [float(next_chances(model.network, before, [*prompt, *ids[:at]])[id]) for at, id in enumerate(ids)]
        after = next_chances(model.network, before, [*prompt, *ids])
        product = torch.tensor(pieces, dtype=torch.float64).prod() * (after[blanks].sum() + after[END])
        assert chance == pytest.approx(float(product), rel=1e-4)
        assert not any(blanks[id] for id in ids[1:])
    assert sorted(found, key=lambda each: -each[1]) == found
    printed, note = ask("next", *PROMPT.split(), "--top", "6")
    shown = [model.vocabulary.shown.format(model.vocabulary.text(ids)) for ids, _ in found]
    assert all(line.startswith(word) for line, word in zip(printed.splitlines(), shown, strict=True))
    assert "no blanks" not in note
    monkeypatch.setattr("pipeline.trained.whole_words.FEWEST_BLANKS", 1.0)  # as of a script without blanks
    printed, note = ask("next", *PROMPT.split(), "--top", "1")
    assert note.endswith("; pieces, since the script has no blanks between words\n")
