"""Stage: the judgements of language models, the unigram and the 5-gram on sets of minimal pairs and of suites."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pipeline.records.figures import read_metrics
from pipeline.records.grammar import GrammarReport, SetGrammar
from pipeline.records.models import ModelRecord
from pipeline.records.text import WikiRecord
from pipeline.run.arrays import read_array
from pipeline.run.command import skip, stage
from pipeline.run.console import Metrics, say
from pipeline.run.section import dependency
from pipeline.scores.grammar import FIVEGRAM, UNIGRAM, figures, judge, most_different, scored_by
from pipeline.scores.markov_scores import markov_model
from pipeline.scores.minimal_pairs import MinimalPairs
from pipeline.scores.sentences import sentence_rows
from pipeline.scores.sets import read_set, sets_in
from pipeline.settings.checked import checked_params
from pipeline.settings.result_sections import NGRAM_MODELS
from pipeline.store.sequences import Sequences
from pipeline.trained.files import RECORD, TARGET_COUNTS
from pipeline.trained.learnt import before_sentence, read_language_model


@stage
def main(database: Path, articles: Path, models: Path, trained: Path, report: Path) -> dict[str, Metrics]:
    """Judge the sets of grammar.sets by the language models in MODELS and the n-grams of DATABASE; write REPORT.

    ARTICLES has the language of the text, TRAINED the metrics of the models.
    """
    params = checked_params("grammar")
    sets = sets_in(folder := dependency("grammar.sets", params.grammar.sets))
    names = [name for name, entry in params.models.items() if entry.kind == "language_model"]
    if not sets or not names:
        return skip(f"grammar: {'no language model' if sets else f'no set of minimal pairs in {folder}'}", report)
    best = min(names, key=lambda name: read_metrics(trained / f"{name}.json")["valid_perplexity"])
    sequences = Sequences(database)
    vocabulary = sequences.vocabulary
    records = {name: ModelRecord.read(models / name / RECORD) for name in names}
    networks = {name: (read_language_model(models / name), before_sentence(own)) for name, own in records.items()}
    table = markov_model(sequences, NGRAM_MODELS[-1], params.baselines.most_words, params.train.seed)
    score = scored_by(networks, read_array(models / best / TARGET_COUNTS), {FIVEGRAM: table})
    language = WikiRecord.read(articles).language
    encode = partial(sentence_rows, vocabulary, language=language, settings=params.tokens)
    unknown = vocabulary.unknown if vocabulary.has_unknown else -1
    found: dict[str, SetGrammar] = {}
    for name, path in sets.items():
        given = read_set([path])
        judged = judge(given, encode, score, unknown, mean=False, end=sequences.end_fraction > 0)
        found[name] = figures(judged, [UNIGRAM, FIVEGRAM])
        if isinstance(given, MinimalPairs):
            shown = most_different(judged, given, best, FIVEGRAM)
            found[name] = found[name].model_copy(update={"shown": shown})
        say(f"grammar: {name}: {', '.join(f'{own.accuracy:.1%} {by}' for by, own in found[name].models.items())}")
    GrammarReport(sets=found).write(report)
    return {name: grammar_metrics(found, name) for name in names}


def grammar_metrics(found: Mapping[str, SetGrammar], model: str) -> Metrics:
    """Return a model's accuracy on each set, with the ends of its interval."""
    own = {name: every.models[model] for name, every in found.items()}
    return {
        name + end: getattr(each, key)
        for name, each in own.items()
        for end, key in (("", "accuracy"), ("_low", "low"), ("_high", "high"))
    }


if __name__ == "__main__":
    main()
