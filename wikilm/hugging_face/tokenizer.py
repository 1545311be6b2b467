"""The tokenizer's files of an export."""

import json
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.run.errors import UserError
from pipeline.store.vocabulary import END, SPECIAL, START, Vocabulary

if TYPE_CHECKING:
    from wikilm.run_folder import RunFolder

COMPARED = 1000  # sentences
SPELLED = {START: SPECIAL[START], END: SPECIAL[END]}


def special_ids(before: int) -> dict[str, int]:
    """Return the ids of special tokens, for a model that reads the id `before` ahead of each sentence.

    Padding is the one of START and END that no sentence begins with: programs that count it take no beginning for it.
    """
    return {"bos_token_id": before, "eos_token_id": END, "pad_token_id": START + END - before}


def tokenizer_files(vocabulary: Vocabulary, before: int) -> dict[str, str]:
    """Return the contents of files by name: a tokenizer that puts the id `before` ahead of every text."""
    from tokenizers import AddedToken, Tokenizer, processors

    tokenizer = Tokenizer.from_str(vocabulary.tokenizer_file())
    # END takes blanks before it away: minicons counts such a token among those that end a word.
    special = [AddedToken(name, special=True, normalized=False, lstrip=name == SPELLED[END]) for name in SPECIAL]
    tokenizer.add_special_tokens(special)
    first = SPELLED[before]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A", pair=f"{first} $A $B:1", special_tokens=[(first, before)]
    )
    settings: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": SPECIAL[2]}
    settings |= {name.removesuffix("_id"): SPELLED[id] for name, id in special_ids(before).items()}
    settings |= {"model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": False}
    return {"tokenizer.json": tokenizer.to_str(pretty=True), "tokenizer_config.json": json.dumps(settings, indent=2)}


def check_ids(name: str, run: "RunFolder", tokenizer: str) -> None:
    """Raise `UserError` if the file of a tokenizer cuts a sentence of a run's articles into other ids than the run.

    1,000 sentences are compared, or all if there are fewer. `name` is the model's.
    """
    from tokenizers import Tokenizer

    from pipeline.words.words import split_words

    cuts, language, settings = Tokenizer.from_str(tokenizer), run.language, run.params.tokens
    for sentence in islice(raw_sentences(run), COMPARED):
        split = partial(split_words, [sentence], language, settings)
        _, own, _ = run.vocabulary.encode([sentence], split)
        if cuts.encode(sentence, add_special_tokens=False).ids != own.tolist():
            raise UserError(
                f"{name}: reads words, which an export's tokenizer cuts otherwise, as in {sentence[:60]!r}; export a "
                "model of pieces of words (vocabulary.kind: subwords) or of tokenized lines (tokens.unit: line)"
            )


def raw_sentences(run: "RunFolder") -> Iterator[str]:
    """Yield the sequences of a run's articles as the wiki has them."""
    from pipeline.words.layout import read_shard, shards
    from pipeline.words.sentences import paragraphs_of, split_text

    unit = run.params.tokens.unit
    for path in shards(run.path / "articles"):
        for text in read_shard(path, "text")["text"].to_pylist():
            yield from split_text("\n".join(paragraphs_of(text, unit)), unit, run.language)
