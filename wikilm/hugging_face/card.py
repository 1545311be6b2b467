"""The model card of an export, whose head the hub of Hugging Face reads."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.recurrent.units import unit_of
from pipeline.ngrams.table import NGramTable
from pipeline.run.errors import printable
from pipeline.store.vocabulary import SPECIAL
from pipeline.trained.learnt import before_sentence

if TYPE_CHECKING:
    from wikilm.prediction import LanguageModel

CREATIVE_COMMONS = re.compile(r"cc(0|-by(-sa)?)-\d\.\d")  # as the hub spells these licences
MARKUP = re.compile(r"[\\`*_\[\]<>|]")  # what means something within a line of Markdown
CARD = """---
{head}
---

# {name}

A recurrent language model: {network}. It was trained from scratch by wikilm, and predicts the next
{one} of a text.{more}

| | |
|---|---|
| text | {source} |
| licence of the text | {licence} |
| {measure} on its test split | {figure} |
| parameters of the network | {parameters:,} |
| {called} | {vocabulary_size:,} |

## Use

It needs torch and transformers {oldest} or newer, which runs `modeling_wikilm.py` of this folder: read it first.

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER", trust_remote_code=True)
model = AutoModelForCausalLM.from_pretrained("FOLDER", trust_remote_code=True)
read = tokenizer("The king of", return_tensors="pt")
written = model.generate(**read, max_new_tokens=30, do_sample=True)
print(tokenizer.decode(written[0], skip_special_tokens=True))
```

The tokenizer puts `{before}` ahead of a text, which the model read ahead of each sentence in training; `{end}` ends a
sentence. The state of the network is one tensor, `model(**read).state`; given as `state`, it stands for all that was
read, and the next text needs no `{before}` ahead of it (`add_special_tokens=False`).
"""


@dataclass(frozen=True)
class About:
    """What a card says of a model that its settings do not: its text, with the licence, and the figure of its test."""

    source: str
    licence: str
    measure: str
    figure: str
    more: str = ""


def card(model: "LanguageModel", about: About, oldest: str) -> str:
    """Return the card of a model for transformers from the `oldest` version on."""
    settings, vocabulary = model.record.settings, model.vocabulary
    sizes = ", ".join(f"{size:,}" for size in settings["hidden_sizes"])
    label, loss = unit_of(settings["unit"]).label, settings["loss"]["kind"]
    network = f"{label} of {sizes} hidden values, {'an' if loss[0] in 'ae' else 'a'} {loss} softmax"
    if model.network.gate and isinstance(table := model.network.ngrams, NGramTable):
        network += f", and {table.ngrams:,} n-grams that a gate weighs against it"
    hub = about.licence.lower().replace(" ", "-")
    head = {
        **({"language": model.run.wiki.language} if model.run.wiki else {}),
        **({"license": hub} if CREATIVE_COMMONS.fullmatch(hub) else {"license": "other", "license_name": hub}),
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
    }
    return CARD.format(
        head="\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()),
        name=model.name,
        network=network,
        one=vocabulary.one,
        called=vocabulary.called,
        vocabulary_size=len(vocabulary),
        parameters=sum(weight.numel() for weight in model.network.parameters()),
        before=SPECIAL[before_sentence(model.record)],
        end=SPECIAL[1],
        oldest=oldest,
        **{key: plain(value) for key, value in vars(about).items()} | {"more": about.more and f" It is {about.more}."},
    )


def plain(text: str) -> str:
    """Return a text of others as one line that Markdown shows as it is."""
    return MARKUP.sub(r"\\\g<0>", " ".join(printable(text).split()))
