"""Stage: poets' verse as poems, stanzas and lines, without repeats."""

from importlib import resources
from pathlib import Path
from typing import Any

from pipeline.corpus.verse import Poem, Tally, number, parse_verse, poets_in, read_text, write_poems
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.run.files import whole_directory, write_json
from pipeline.run.params import load_params

SAMPLE = "sample_verse"  # the folder beside verse.py


@stage
def main(poems: Path) -> Metrics:
    """Read the verse that `poems:` names and write it to POEMS: poems.jsonl, and stats.json on what was dropped."""
    source = load_params().poems.source
    if source == "sample":
        with resources.as_file(resources.files("pipeline.corpus") / SAMPLE) as folder:
            found, stats = read_folder(folder)
    else:
        folder = Path(source).expanduser()
        if not folder.is_dir():
            problem = "is no folder" if folder.exists() else "is not there"
            raise UserError(
                f"params.yaml: poems.source is {source!r}: {problem}; give `sample` or a folder of NAME.txt files"
            )
        found, stats = read_folder(folder)
    with whole_directory(poems) as directory:
        write_poems(directory / "poems.jsonl", found)
        write_json(directory / "stats.json", {"source": source, **totals(stats), "poets": stats})
    for poet, each in stats.items():
        say(
            f"poems: {poet}: {each['kept']:,} lines in {each['stanzas']:,} stanzas of {each['poems']:,} poems; "
            f"{each['dropped']['duplicate']:,} duplicates dropped"
        )
    everything = totals(stats)
    return {
        "poets": len(stats),
        "poems": len(found),
        "lines": everything["kept"],
        "duplicates": everything["dropped"]["duplicate"],
    }


def read_folder(folder: Path) -> tuple[list[Poem], dict[str, Any]]:
    """Every poem in a folder of NAME.txt files, and the stats of each poet; raises `UserError` on an empty file."""
    poems: list[Poem] = []
    stats: dict[str, Any] = {}
    for poet, path in poets_in(folder):
        parsed, by = parse_verse(read_text(path))
        own, tally = number(poet, parsed)
        if not own:
            raise UserError(f"{path}: holds no verse; fill it or remove it")
        poems += own
        stats[poet] = stats_of(own, tally, by)
    return poems, stats


def stats_of(poems: list[Poem], tally: Tally, by: str) -> dict[str, Any]:
    """What was read of one poet, kept and dropped; `told_apart_by` says what counts as a poem."""
    return {
        "poems": len(poems),
        "stanzas": sum(len(poem.stanzas) for poem in poems),
        "in": tally.lines,
        "kept": sum(len(poem.lines) for poem in poems),
        "dropped": {"duplicate": tally.duplicate, "wordless": tally.wordless},
        "told_apart_by": by,
    }


def totals(stats: dict[str, Any]) -> dict[str, Any]:
    """Lines of all poets read, kept and dropped."""
    each = list(stats.values())
    dropped = {reason: sum(poet["dropped"][reason] for poet in each) for reason in ("duplicate", "wordless")}
    return {"in": sum(poet["in"] for poet in each), "kept": sum(poet["kept"] for poet in each), "dropped": dropped}


if __name__ == "__main__":
    main()
