from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.dumps.prose.columns import parquet_articles
from pipeline.run.errors import UserError


def test_a_letter_that_a_checksum_of_parquet_tells_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({"text": ["Some prose."]}), path, compression="none", write_page_checksum=True)
    columns = {"id": None, "title": None, "text": "text"}
    assert len(list(parquet_articles(path, columns))) == 1
    path.write_bytes(path.read_bytes().replace(b"Some prose.", b"Same prose.", 1))
    with pytest.raises(UserError, match=r"own\.parquet: is damaged after row 0 .*CRC"):
        list(parquet_articles(path, columns))
