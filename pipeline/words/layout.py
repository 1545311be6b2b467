"""The files that the stages extract and tokens leave: shards, and what stands next to them."""

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.run.errors import UserError, reading

if TYPE_CHECKING:
    import pyarrow as pa


def shard_path(directory: Path, number: int, prefix: str = "part") -> Path:
    """Return the path of a shard; the paths of a prefix sort by number."""
    return directory / f"{prefix}-{number:05}.parquet"


def shards(directory: Path, prefix: str = "part") -> list[Path]:
    """Return the shards of a prefix in order; raises `UserError` if there are none."""
    paths = sorted(directory.glob(f"{prefix}-*.parquet"))
    if not paths:
        raise UserError(f"{directory}: holds no {prefix}-*.parquet; run the stage that writes it")
    return paths


def shard_number(shard: Path) -> int:
    """Return the number of a shard, which the files of all stages about it share."""
    return int(shard.stem.rpartition("-")[2])


def words_path(shard: Path) -> Path:
    """Return the path of the words of a shard of sequences."""
    return shard.with_name(shard.name.replace("part", "words"))


def remap_path(directory: Path, shard: Path) -> Path:
    """Return the path of the mapping from a shard's own numbers of words to their ids."""
    return directory / f"remap-{shard_number(shard):05}.npy"


def stats_path(folder: Path) -> Path:
    """Return the path of the JSON file about a folder of shards. It is next to the folder, which others read whole."""
    return folder.with_name(f"{folder.name}.json")


def read_shard(path: Path, *columns: str) -> "pa.Table":
    """Return the table in a shard; raises `UserError` if it is damaged, or lacks one of some columns."""
    import pyarrow.parquet as pq

    with reading(path):
        table = pq.read_table(path)
        table.select(columns)
    return table
