"""Archives, arrays, tensors and databases that ask for more than they have, or than anyone needs."""

import json
from typing import Any

import numpy as np

from tests.hostile.archives import (
    MODEL,
    PACK,
    VECTORS,
    bomb,
    changed,
    many_members,
    npy,
    npy_of_shape,
    of_database,
    of_json,
    of_tensors,
    of_tokenizer,
    repacked,
    sparse,
)
from tests.hostile.case import Case, Make

NEXT, SCORE = f"wikilm next the king --model {PACK}", f"wikilm score King. --model {PACK}"
NEIGHBOURS, RUN_NEIGHBOURS = f"wikilm neighbours king --vectors {VECTORS}", "wikilm neighbours king --model svd"
GIGABYTE = 10**9
ENDLESS = "WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n) SELECT"
DATABASE, WEIGHTS = "data/sequences.db", f"{MODEL}/weights.safetensors"
RUN_VECTORS = "data/embeddings/svd/vectors.npy"
AGAIN = "get it again, or write it with `wikilm pack`"


def settings(**changes: object) -> Make:
    """Return what changes settings of the packed model."""
    return repacked(PACK, {f"{MODEL}/model.json": of_json(lambda found: found["settings"].update(changes))})


def pad(tokenizer: Any) -> None:
    tokenizer["padding"] = {
        **{"strategy": {"Fixed": GIGABYTE}, "direction": "Right", "pad_to_multiple_of": None},
        **{"pad_id": 0, "pad_type_id": 0, "pad_token": "a"},
    }


def swell(tokenizer: Any) -> None:
    tokenizer["normalizer"] = {"type": "Replace", "pattern": {"Regex": "(?=.)"}, "content": "king " * 1_000_000}


def backtrack(tokenizer: Any) -> None:
    tokenizer["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"Regex": "(.*)*x"},
        "behavior": "Isolated",
        "invert": False,
    }


def widened(tensors: dict[str, np.ndarray]) -> None:
    """Let the factors of a matrix have a row for each value that a matrix of gigabytes would have."""
    tensors["embedding.weight.largest"] = np.ones((1, 500_000), np.float32)


def many_tensors(tensors: dict[str, np.ndarray]) -> None:
    tensors.update({f"layer.{number}": np.zeros(1, np.float32) for number in range(30_000)})


def length_of_header(content: bytes) -> bytes:
    return (GIGABYTE * 1000).to_bytes(8, "little") + content[8:]


def offsets_beyond(content: bytes) -> bytes:
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header["output.bias"] = {"dtype": "F32", "shape": [GIGABYTE], "data_offsets": [0, 4 * GIGABYTE]}
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + content[8 + size :]


def deep_params(depth: int) -> bytes:
    return b'{"wiki": ' + b"[" * depth + b"]" * depth + b"}"


CASES = [
    Case("an npz that inflates to 2 GB", bomb(VECTORS, "vectors.npy", 2000), NEIGHBOURS, (VECTORS, "MB", AGAIN)),
    Case(
        "an npz that inflates to more than it states",
        bomb(VECTORS, "vectors.npy", 2000, stated=5000),
        NEIGHBOURS,
        (VECTORS, AGAIN),
    ),
    Case("an npz whose words inflate to 2 GB", bomb(VECTORS, "words.txt", 2000), NEIGHBOURS, (VECTORS, "MB", AGAIN)),
    Case("an npz with another member", bomb(VECTORS, "junk.bin", 840), NEIGHBOURS, (VECTORS, "junk.bin", AGAIN)),
    Case(
        "an array that asks for 64 GB",
        repacked(VECTORS, {"vectors.npy": npy_of_shape((GIGABYTE, 64), "|i1")}),
        NEIGHBOURS,
        (VECTORS, "vectors.npy", AGAIN),
    ),
    Case(
        "an array of more values than a number holds",
        repacked(VECTORS, {"vectors.npy": npy_of_shape((2**62, 2**62), "|i1")}),
        NEIGHBOURS,
        (VECTORS, "vectors.npy", AGAIN),
    ),
    Case(
        "an array of objects",
        repacked(VECTORS, {"vectors.npy": npy(np.array([{}] * 20, object))}),
        NEIGHBOURS,
        (VECTORS, "vectors.npy", AGAIN),
    ),
    Case("a pack with a member of 700 MB", bomb(PACK, "junk.bin", 700), NEXT, (PACK, "junk.bin", AGAIN)),
    Case("a pack whose member inflates to 2 GB", bomb(PACK, DATABASE, 2000), NEXT, (PACK, "MB", AGAIN)),
    Case("a pack with a path in it", repacked(PACK, {"../../evil": b"x"}), NEXT, (PACK, "../../evil", AGAIN)),
    Case("a pack of 20,000 members", many_members(PACK, 20_000), NEXT, (PACK, AGAIN)),
    Case("a pack of 1 GB", sparse(PACK, b"PK\x03\x04", GIGABYTE), NEXT, (PACK, "MB", AGAIN)),
    Case("a pack with 100,000 layers", settings(hidden_sizes=[256] * 100_000), NEXT, (PACK, "hidden_sizes", AGAIN)),
    Case("a pack with 20,000 units", settings(hidden_sizes=[20_000, 256]), NEXT, (PACK, "hidden_sizes", AGAIN)),
    Case("a pack with 10 ** 15 units", settings(hidden_sizes=[10**15]), NEXT, (PACK, AGAIN)),
    Case(
        "a pack with an embedding of 10 ** 9", settings(embedding_size=GIGABYTE, tie_weights=False), NEXT, (PACK, AGAIN)
    ),
    Case(
        "a pack with 10 ** 9 rounds",
        settings(unit={"kind": "gru", "mogrifier": GIGABYTE, "activation": "tanh", "reset_after": True}),
        NEXT,
        (PACK, "mogrifier", AGAIN),
    ),
    Case("a pack with 2.5 layers", settings(hidden_sizes=[2.5]), NEXT, (PACK, "hidden_sizes", AGAIN)),
    Case("a pack whose settings name no unit", settings(unit={"kind": "os.system"}), NEXT, (PACK, "unit", AGAIN)),
    Case(
        "a pack for 10 ** 9 words",
        repacked(PACK, {f"{MODEL}/model.json": of_json(lambda found: found.update(vocabulary_size=GIGABYTE))}),
        NEXT,
        (PACK, "vocabulary_size", AGAIN),
    ),
    Case("a pack whose tokenizer pads", of_tokenizer(pad), NEXT, (PACK, "tokenizer", AGAIN)),
    Case("a pack whose tokenizer swells", of_tokenizer(swell), NEXT, (PACK, "tokenizer", AGAIN)),
    Case("a pack whose tokenizer backtracks", of_tokenizer(backtrack), NEXT, (PACK, "tokenizer", AGAIN)),
    Case(
        "a pack whose vocabulary is an endless view",
        repacked(
            PACK,
            {
                DATABASE: of_database(
                    "DROP VIEW sentences",
                    "DROP TABLE vocabulary",
                    f"CREATE VIEW vocabulary AS {ENDLESS} id, 'a' AS word, 1 AS count FROM n",
                )
            },
        ),
        NEXT,
        (PACK, "sequences.db", AGAIN),
    ),
    Case(
        "a pack whose meta is an endless view",
        repacked(
            PACK,
            {DATABASE: of_database("DROP TABLE meta", f"CREATE VIEW meta AS {ENDLESS} id AS key, id AS value FROM n")},
        ),
        NEXT,
        (PACK, "sequences.db", AGAIN),
    ),
    Case(
        "a pack whose words SQL makes",
        repacked(
            PACK,
            {
                DATABASE: of_database(
                    "DROP VIEW sentences",
                    "DROP TABLE vocabulary",
                    "CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, count INTEGER)",
                    *["INSERT INTO vocabulary (count) VALUES (1)"] * 9,
                    "ALTER TABLE vocabulary ADD COLUMN word AS (hex(zeroblob(3e8)))",
                )
            },
        ),
        NEXT,
        (PACK, "sequences.db", AGAIN),
    ),
    Case(
        "a pack with an empty database",
        repacked(PACK, {DATABASE: b"SQLite format 3\0" + bytes(5000)}),
        NEXT,
        (PACK,),
    ),
    Case(
        "a pack whose factors widen a matrix",
        repacked(PACK, {WEIGHTS: of_tensors(widened)}),
        NEXT,
        (PACK, "embedding.weight", AGAIN),
    ),
    Case(
        "a pack with 30,000 tensors", repacked(PACK, {WEIGHTS: of_tensors(many_tensors)}), NEXT, (PACK, "layer.", AGAIN)
    ),
    Case("tensors with a header of 1 TB", repacked(PACK, {WEIGHTS: length_of_header}), NEXT, (PACK, AGAIN)),
    Case("tensors beyond their file", repacked(PACK, {WEIGHTS: offsets_beyond}), NEXT, (PACK, AGAIN)),
    Case(
        "counts that ask for 8 TB",
        repacked(PACK, {f"{MODEL}/target_counts.npy": npy_of_shape((10**12,), "<i8")}),
        SCORE,
        (PACK, "target_counts.npy", AGAIN),
    ),
    Case("nested settings in a pack", repacked(PACK, {"params.yaml": deep_params(100_000)}), NEXT, (PACK, AGAIN)),
    Case(
        "a run's array that asks for 256 GB",
        changed(RUN_VECTORS, lambda _: npy_of_shape((GIGABYTE, 64), "<f4")),
        RUN_NEIGHBOURS,
        (RUN_VECTORS, "is damaged"),
    ),
    Case(
        "a run's array of objects",
        changed(RUN_VECTORS, lambda _: npy(np.array([{}] * 20, object))),
        RUN_NEIGHBOURS,
        (RUN_VECTORS, "is damaged"),
    ),
    Case(
        "a run's array that is a zip file",
        changed(RUN_VECTORS, lambda content: b"PK\x03\x04" + content),
        RUN_NEIGHBOURS,
        (RUN_VECTORS, "is damaged"),
    ),
]
