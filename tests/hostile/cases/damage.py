"""Files of a run and packed models that are damaged, which errors name with what is wrong."""

import bz2
from pathlib import Path

import numpy as np

from pipeline.dumps.digests import digests_of
from pipeline.run.outputs import write_json
from tests.hostile.archives import (
    MODEL,
    PACK,
    changed,
    cut,
    fill,
    npy_of_shape,
    of_array,
    of_database,
    of_json,
    of_tensors,
    repacked,
    sparse,
    with_nan,
    without,
)
from tests.hostile.case import Case, Make
from tests.small_dumps import a_dump

NEXT, SCORE = f"wikilm next the king --model {PACK}", f"wikilm score King. --model {PACK}"
RUN_NEXT, RUN_SCORE = "wikilm next the king --model gru", "wikilm score 'the king rules' --model gru"
REMAP, RUN_NEIGHBOURS = "data/remap/remap-00000.npy", "wikilm neighbours king --model svd"
WEIGHTS, RECORD = f"{MODEL}/weights.safetensors", f"{MODEL}/model.json"
RUN_WEIGHTS, RUN_RECORD = "data/models/gru/weights.safetensors", "data/models/gru/model.json"
REPORT = "data/reports/analogies/svd.json"
RUN_VECTORS, RUN_METRICS = "data/embeddings/svd/vectors.npy", "data/metrics/train/gru.json"
MEMBERS = (
    *("about.json", "data/articles.json", "data/metrics/train/enwiki-40m.json", RECORD),
    *(f"{MODEL}/target_counts.npy", WEIGHTS, "data/sequences.db", "params.yaml"),
)
AGAIN = "get it again, or write it with `wikilm pack`"


def cut_dump(folder: Path, size: int, text: str | None = None) -> None:
    """Write a dump whose last bytes are missing, as `download` would list it."""
    (raw := folder / "data/raw").mkdir(exist_ok=True)
    (path := raw / "tiny.xml.bz2").write_bytes(bz2.compress((text or a_dump()).encode())[: -size or None])
    listed = {"path": str(path.relative_to(folder)), "bytes": path.stat().st_size, **digests_of(path, "sha1")}
    write_json(raw / "manifest.json", {"source": "dumps", "language": "en", "kind": "dump", "files": [listed]})


def overflow(tensors: dict[str, np.ndarray]) -> None:
    """Let the first product be infinite less infinite."""
    tensors["embedding.weight"][:, ::2], tensors["embedding.weight"][:, 1::2] = 3e38, -3e38
    tensors["recurrent.layers.0.input_weight"].fill(3e38)


def ends_early(size: int) -> Make:
    return lambda folder: cut_dump(folder, size)


def of_language(code: str) -> Make:
    """Return what gives a dump's wiki a language."""

    def make(folder: Path) -> None:
        cut_dump(folder, 0, a_dump().replace('xml:lang="en"', f'xml:lang="{code}"'))

    return make


CASES = [
    *(
        Case(
            f"a dump in a language that is {shown}",
            of_language(code),
            "pipeline.extract data/raw data/templates.db found --metrics found.json",
        )
        for shown, code in (("Latin Serbian", "sr-Latn"), ("an escape", "en&#155;2J"), ("long", "a" * 100_000))
    ),
    Case(
        "a remap beyond the vocabulary",
        changed(REMAP, of_array(lambda ids: ids + 8_000)),
        "pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",
        (REMAP, "beyond the vocabulary's 23"),
    ),
    Case(
        "a remap of too few words",
        changed(REMAP, of_array(lambda ids: ids[:3])),
        "pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",
        (REMAP, "is damaged"),
    ),
    *(
        Case(f"a pack without {member}", repacked(PACK, {member: None}), NEXT, (PACK, f"lacks {member}", AGAIN))
        for member in MEMBERS
    ),
    Case("a pack that is cut", changed(PACK, cut(900)), NEXT, (PACK, AGAIN)),
    Case(
        "a pack without the vocabulary's name",
        repacked(PACK, {RECORD: without("vocabulary")}),
        NEXT,
        (PACK, f"{RECORD}: lacks vocabulary", AGAIN),
    ),
    *(
        Case(
            f"a pack without settings.{key}",
            repacked(PACK, {RECORD: without("settings", key)}),
            NEXT,
            (PACK, f"{RECORD}: lacks settings.{key}", AGAIN),
        )
        for key in ("batches", "unit", "hidden_sizes")
    ),
    Case(
        "a pack without a language",
        repacked(PACK, {"data/articles.json": without("language")}),
        SCORE,
        (PACK, "data/articles.json: lacks language", AGAIN),
    ),
    Case(
        "a pack whose metrics are text",
        repacked(PACK, {"data/metrics/train/enwiki-40m.json": b'{"test_perplexity": "low"}'}),
        SCORE,
        (PACK, "enwiki-40m.json: test_perplexity", AGAIN),
    ),
    Case(
        "a pack without a tensor",
        repacked(PACK, {WEIGHTS: of_tensors(lambda tensors: tensors.pop("output.bias"))}),
        NEXT,
        (PACK, "output.bias", AGAIN),
    ),
    Case(
        "a pack with a tensor of another shape",
        repacked(PACK, {WEIGHTS: of_tensors(lambda tensors: tensors.update({"output.bias": np.zeros(3, np.float32)}))}),
        NEXT,
        (PACK, "output.bias", AGAIN),
    ),
    Case(
        "a pack with counts of another length",
        repacked(PACK, {f"{MODEL}/target_counts.npy": of_array(lambda counts: counts[:-9])}),
        SCORE,
        (PACK, "target_counts.npy", AGAIN),
    ),
    Case(
        "a pack with counts below zero",
        repacked(PACK, {f"{MODEL}/target_counts.npy": of_array(lambda counts: counts - 10**9)}),
        SCORE,
        (PACK, "target_counts.npy", AGAIN),
    ),
    Case(
        "a pack with a weight that is no number",
        repacked(PACK, {WEIGHTS: fill("output.bias", np.nan)}),
        SCORE,
        (PACK, AGAIN),
    ),
    Case(
        "a pack with an infinite factor",
        repacked(PACK, {WEIGHTS: fill("embedding.weight.largest", np.inf)}),
        f"{SCORE} --json",
        (PACK, "embedding.weight", AGAIN),
    ),
    Case(
        "a pack with another word",
        repacked(PACK, {"data/sequences.db": of_database("UPDATE vocabulary SET word = 'x' WHERE id = 300")}),
        NEXT,
        (PACK, "sequences.db", AGAIN),
    ),
    Case(
        "a pack without a table",
        repacked(PACK, {"data/sequences.db": of_database("DROP VIEW sentences", "DROP TABLE meta")}),
        NEXT,
        (PACK, "sequences.db", AGAIN),
    ),
    Case(
        "a weight that is no number",
        changed(RUN_WEIGHTS, fill("output.bias", np.nan)),
        f"{RUN_NEXT} --json",
        (RUN_WEIGHTS, "output.bias"),
    ),
    Case(
        "weights whose product is infinite",
        changed(RUN_WEIGHTS, of_tensors(overflow)),
        f"{RUN_NEXT} --json",
        ("no finite number",),
    ),
    Case(
        "a model of a kind that is a list",
        changed(RUN_RECORD, of_json(lambda found: found["settings"].update(kind=[]))),
        "wikilm models",
    ),
    Case(
        "sizes of a model that are a number",
        changed(RUN_RECORD, of_json(lambda found: found["settings"].update(hidden_sizes=5))),
        "wikilm models",
        (RUN_RECORD, "is damaged"),
    ),
    Case(
        "sentences without their type",
        changed("data/sequences.db", of_database("DELETE FROM meta WHERE key = 'dtype'")),
        "pipeline.baselines data/sequences.db data/example.json found",
        ("data/sequences.db", "'dtype'"),
    ),
    Case(
        "articles of two thousand million words",
        changed("data/sequences.db", of_database(f"UPDATE lengths SET runs = x'{bytes(20).hex()}ffffff7f'")),
        "pipeline.baselines data/sequences.db data/example.json found",
        ("data/sequences.db: its articles have more words than it has bytes",),
    ),
    Case(
        "a download of no files",
        changed("data/raw/manifest.json", of_json(lambda found: found.update(files=[]))),
        "pipeline.extract data/raw data/templates.db out",
        ("data/raw/manifest.json", "files is []"),
    ),
    Case(
        "articles without their ids",
        changed("data/articles/part-00000.parquet", lambda content: content.replace(b"page_id", b"page_iq")),
        "pipeline.tokens data/articles found",
        ("data/articles/part-00000.parquet", "page_id"),
    ),
    Case(
        "a text of no words",
        changed("data/tokens/stats.json", of_json(lambda found: found.update(tokens=0))),
        "pipeline.index data/tokens data/vocabulary.tsv data/remap found.db",
    ),
    Case(
        "guesses beyond the vocabulary",
        changed("data/vocabulary.json", of_json(lambda found: found.update(texts=found["texts"][:3]))),
        "pipeline.report data found.html found",
    ),
    *(
        Case(
            f"analogies without {keys[-1]}",
            changed(REPORT, without(*keys)),
            "pipeline.report data found.html found",
            (REPORT, f"it must have {'.'.join(keys)}"),
        )
        for keys in (("answers", "family"), ("accuracy", "cosine"))
    ),
    Case(
        "analogies of no questions",
        changed(REPORT, of_json(lambda found: found.update(questions=0))),
        "pipeline.report data found.html found",
        (REPORT, "it must have questions"),
    ),
    Case(
        "analogies without the accuracy of a kind",
        changed(REPORT, without("accuracy", "cosine", "test_semantic")),
        "pipeline.report data found.html found",
        (REPORT, "it must have accuracy.cosine"),
    ),
    Case(
        "a sentence with a word more than it has ids",
        changed("data/traced.json", of_json(lambda found: found["sentence"]["words"].append("king"))),
        "pipeline.report data found.html found",
    ),
    Case(
        "analogies without a section that others have",
        changed(REPORT, of_json(lambda found: found.update(sections={}))),
        "pipeline.report data found.html found",
    ),
    Case(
        "a run without a tensor",
        changed(RUN_WEIGHTS, of_tensors(lambda tensors: tensors.pop("output.bias"))),
        RUN_NEXT,
        (RUN_WEIGHTS, "output.bias"),
    ),
    Case(
        "vectors that are no numbers", changed(RUN_VECTORS, of_array(with_nan)), RUN_NEIGHBOURS, (RUN_VECTORS, "finite")
    ),
    Case(
        "raw vectors that are no numbers",
        changed("data/embeddings/svd/output.npy", of_array(with_nan)),
        f"{RUN_NEIGHBOURS} --distance euclidean --json",
        ("output.npy", "finite"),
    ),
    Case(
        "a choice of vectors that are not there",
        lambda folder: (folder / "data/embeddings/svd/output.npy").unlink(),
        "pipeline.analogies svd data/embeddings/svd questions out.json --metrics m.json",
        ("data/embeddings/svd/output.npy: not found",),
    ),
    Case("vectors that are cut", changed(RUN_VECTORS, cut(9)), RUN_NEIGHBOURS, (RUN_VECTORS, "is damaged")),
    Case(
        "vectors with a row too few",
        changed(RUN_VECTORS, of_array(lambda vectors: vectors[:-1])),
        RUN_NEIGHBOURS,
        (RUN_VECTORS, "19"),
    ),
    Case(
        "vectors for which memory is too little",
        sparse(RUN_VECTORS, npy_of_shape((20, 100_000_000), "<f4", b""), 8_000_000_128),
        RUN_NEIGHBOURS,
        ("too little memory",),
    ),
    *(
        Case(
            f"metrics that are {kind}",
            changed(RUN_METRICS, lambda _, content=content: content),  # type: ignore[misc]
            "wikilm models --json",
            (RUN_METRICS, words),
        )
        for kind, content, words in (
            ("no number", b'{"test_perplexity": NaN, "valid_perplexity": 2.0}', "test_perplexity"),
            ("infinite", b'{"test_perplexity": 1e999, "valid_perplexity": 2.0}', "test_perplexity"),
            ("text", b'{"test_perplexity": "low", "valid_perplexity": 2.0}', "test_perplexity"),
            ("a list", b"[1, 2]", "the file"),
            ("a text", b'"low"', "the file"),
        )
    ),
    *(
        Case(
            f"settings without batches: {command}",
            changed(RUN_RECORD, without("settings", "batches")),
            command,
            (RUN_RECORD, "lacks settings.batches"),
        )
        for command in (RUN_NEXT, RUN_SCORE)
    ),
    Case(
        "settings that are a list",
        changed(RUN_RECORD, of_json(lambda found: found.update(settings=[]))),
        RUN_NEXT,
        (RUN_RECORD, "settings"),
    ),
    Case(
        "batches that are a list",
        changed(RUN_RECORD, of_json(lambda found: found["settings"].update(batches=["stream"]))),
        RUN_SCORE,
        (RUN_RECORD, "settings.batches"),
    ),
    Case(
        "a text without a language", changed("data/articles.json", without("language")), RUN_NEXT, ("lacks language",)
    ),
    Case("a text that is a list", changed("data/articles.json", lambda _: b"[]"), RUN_SCORE, ("data/articles.json",)),
    *(
        Case(
            f"a dump without its last {size} bytes",
            ends_early(size),
            "pipeline.templates data/raw data/templates.db --metrics data/metrics/templates.json",
            ("data/raw/tiny.xml.bz2", "it ends within"),
        )
        for size in (1, 4, 9, 40)
    ),
]
