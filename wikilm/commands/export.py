"""Write a language model into a folder that Hugging Face's transformers loads.

Example: wikilm export enwiki-40m enwiki-40m-hf
"""

import argparse
from pathlib import Path
from typing import Any

from pipeline.records.figures import Perplexities
from pipeline.run.errors import UserError
from pipeline.scores.wording import measure_of, reached
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.scale import BITS_PER_BYTE
from wikilm.commands.answer import Answer, table
from wikilm.commands.options import add_data, file_or_name, from_here
from wikilm.hugging_face.card import About
from wikilm.hugging_face.export import export_model
from wikilm.packed import shipped
from wikilm.packed_model import ZIP, PackedRun
from wikilm.prediction import LanguageModel
from wikilm.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "model", type=file_or_name, metavar="MODEL", help="an entry of models, a file of `wikilm pack`, or enwiki-40m"
    )
    parser.add_argument("folder", type=from_here, metavar="FOLDER", help="the new folder")
    of = "; a packed model has it in its file"
    parser.add_argument("--source", metavar="TEXT", help=f"the text that the model is trained on{of}")
    parser.add_argument("--licence", metavar="TEXT", help=f"the licence of that text{of}")
    add_data(parser)


def export(arguments: argparse.Namespace) -> Answer:
    """Write a model into a folder; return what its card says of it."""
    name, more = network_of(arguments.data, arguments.model)
    model, folder = arguments.data.language_model(name), Path(arguments.folder)
    about = about_model(model, arguments, more)
    export_model(model, folder, about)
    size = sum(file.stat().st_size for file in folder.iterdir())
    load = f'AutoModelForCausalLM.from_pretrained("{arguments.folder}", trust_remote_code=True)'
    told = [(str(folder), f"{size / 1e6:.2f} MB"), (about.measure, f"{about.figure} on the test split"), ("load", load)]
    data: dict[str, Any] = {"folder": str(folder), "bytes": size, "model": model.name, **vars(about)}
    return Answer(data, table(told, "<<"), f"{model.name}{model.why}{more and '; '}{more}")


def network_of(run: Run, name: str) -> tuple[str, str]:
    """Return the name of a model, of a mixture that of its network with the largest weight, and what to say of that."""
    if name in NGRAM_MODELS:
        raise UserError(f"{name}: n-grams alone have no network to export; name an entry of models")
    if name.endswith(ZIP) or name in shipped(ZIP) or name not in run.params.mixtures:
        return name, ""
    weights = Perplexities.read(run.require("reports/perplexities.json", "compare")).weights.get(name, {})
    networks = [each for each in weights if each in run.params.models]
    if not networks:
        raise UserError(f"{name}: this mixture has no language model; name an entry of models")
    chosen = max(networks, key=weights.__getitem__)
    others = ", ".join(each for each in weights if each != chosen)
    return chosen, f"a network of the mixture {name}, without the others ({others})"


def about_model(model: LanguageModel, given: argparse.Namespace, more: str) -> About:
    """Return what a card says of a model; raises `UserError` if neither its file nor the user says whose text it is."""
    if isinstance(model.run, PackedRun):
        about = model.run.about
        figure = "not measured" if about.after is None else f"{about.after:{BITS_PER_BYTE.form}}"
        return About(about.source, about.licence, BITS_PER_BYTE.name, figure, more)
    for option in ("source", "licence"):
        if not getattr(given, option):
            raise UserError(f"--{option}: missing; give that of the text on which {model.name} was trained")
    figures = model.run.figures(f"train/{model.name}")
    return About(given.source, given.licence, measure_of(figures), reached(figures, "test"), more)
