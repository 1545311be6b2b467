"""The tokenizer's files of an export."""

import json
from typing import Any

from pipeline.store.vocabulary import END, SPECIAL, START, Vocabulary

NAMES = {START: SPECIAL[START], END: SPECIAL[END]}


def special_ids(before: int) -> dict[str, int]:
    """Return the ids of special tokens, for a model that reads the id `before` ahead of each sentence.

    Padding is the one of START and END that no sentence begins with: programs that count it take no beginning for it.
    """
    return {"bos_token_id": before, "eos_token_id": END, "pad_token_id": START + END - before}


def tokenizer_files(vocabulary: Vocabulary, before: int) -> dict[str, str]:
    """Return the contents of files by name: a tokenizer that puts the id `before` ahead of every text."""
    from tokenizers import AddedToken, Tokenizer, processors

    tokenizer = Tokenizer.from_str(vocabulary.tokenizer_file())
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    first = NAMES[before]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A", pair=f"{first} $A $B:1", special_tokens=[(first, before)]
    )
    settings: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": SPECIAL[2]}
    settings |= {name.removesuffix("_id"): NAMES[id] for name, id in special_ids(before).items()}
    settings |= {"model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": False}
    return {"tokenizer.json": tokenizer.to_str(pretty=True), "tokenizer_config.json": json.dumps(settings, indent=2)}
