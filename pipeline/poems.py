"""Stage: poets' verse as poems, stanzas and lines, without repeats."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pipeline.experiments.verse import gutenberg
from pipeline.experiments.verse.poems import Poem, Untitled, number, parse_verse, poets_in, read_text, write_poems
from pipeline.experiments.verse.tags import write_tags
from pipeline.run.console import Metrics, UserError, say, stage
from pipeline.run.outputs import whole_directory, write_json
from pipeline.settings import Params, load_params
from pipeline.sources.web import Web

SAMPLE = "sample_verse"  # the folder beside verse.py
Found = dict[str, tuple[list[Poem], dict[str, Any]]]  # by poet, the poems and what was read, kept and dropped


@stage
def main(poems: Path) -> Metrics:
    """Gather the verse that `poems:` names and write it to POEMS: poems.jsonl, tags.jsonl, stats.json."""
    params = load_params()
    source = params.poems.source
    if source == "sample":
        found = read_sample()
    elif source == "gutenberg":
        # Beside POEMS, which DVC empties before each run; what has been fetched is kept until the user deletes it.
        found = read_gutenberg(params, poems.with_name("downloads"))
    else:
        folder = Path(source).expanduser()
        if not folder.is_dir():
            problem = "is no folder" if folder.exists() else "is not there"
            raise UserError(
                f"params.yaml: poems.source is {source!r}: {problem}; "
                "give `sample`, `gutenberg` or a folder of NAME.txt files"
            )
        if folder.resolve().is_relative_to(poems.resolve()):
            raise UserError(
                f"params.yaml: poems.source is {source!r}: this stage writes there; keep your files in another folder"
            )
        found = read_folder(folder)
    stats = {poet: each for poet, (_, each) in found.items()}
    figures: Metrics = {
        "poets": len(found),
        "poems": sum(each["poems"] for each in stats.values()),
        "lines_in": sum(each["in"] for each in stats.values()),
        "lines": sum(each["kept"] for each in stats.values()),
        "duplicates": sum(each["dropped"]["duplicate"] for each in stats.values()),
    }
    with whole_directory(poems) as directory:
        every = [poem for own, _ in found.values() for poem in own]
        write_poems(directory / "poems.jsonl", every)
        write_tags(directory / "tags.jsonl", every)
        write_json(directory / "stats.json", {"source": source, "poets": stats})
    for poet, each in stats.items():
        say(
            f"poems: {poet}: {each['kept']:,} lines in {each['stanzas']:,} stanzas of {each['poems']:,} poems"
            + (", a stanza each" if each["told_apart_by"] == "stanza" else "")
            + f"; {each['dropped']['duplicate']:,} duplicates dropped"
        )
    return figures


def read_sample() -> Found:
    """The verse that comes with the package."""
    with resources.as_file(resources.files("pipeline.experiments.verse") / SAMPLE) as folder:
        return read_folder(folder)


def read_folder(folder: Path) -> Found:
    """The verse of a folder of NAME.txt files; raises `UserError` where one holds none."""
    found = {}
    for poet, path in poets_in(folder):
        poems, told_apart_by = parse_verse(read_text(path))
        found[poet] = kept(poet, poems, told_apart_by)
        if not found[poet][0]:
            raise UserError(f"{path}: holds no verse; fill it or remove it")
    return found


def read_gutenberg(params: Params, folder: Path) -> Found:
    """The verse of the books that `poems.gutenberg` names, fetched into `folder`."""
    settings, runtime = params.poems.gutenberg, params.runtime
    books = [(poet, book) for poet, own in settings.poets.items() for book in own]
    numbers = [book.ebook for _, book in books]
    if repeated := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise UserError(f"params.yaml: poems.gutenberg.poets: has ebook {repeated[0]} twice; remove one")
    files = gutenberg.download(
        [(book.ebook, book.sha256) for _, book in books],
        settings.mirror,
        folder,
        Web(runtime.contact),
        runtime.connections,
    )
    verse: dict[str, list[Untitled]] = {poet: [] for poet in settings.poets}
    other = dict.fromkeys(settings.poets, 0)
    for (poet, book), file in zip(books, files, strict=True):
        if book.sha256 is None:
            say(f"poems: ebook {book.ebook}: accepted as it came; to pin it, set sha256: {file['sha256']}")
        poems, no_verse = gutenberg.read_book(Path(file["path"]))
        if not poems:
            raise UserError(f"{file['path']}: no verse found; remove ebook {book.ebook} from poems.gutenberg.poets")
        verse[poet] += poems
        other[poet] += no_verse
    return {poet: kept(poet, verse[poet], "heading", other[poet]) for poet in sorted(verse)}


def kept(
    poet: str, found: Sequence[Untitled], told_apart_by: str, no_verse: int = 0
) -> tuple[list[Poem], dict[str, Any]]:
    """A poet's poems, each line once, and their stats; `told_apart_by` is what shows where a poem ends."""
    poems, tally = number(poet, found)
    return poems, {
        "poems": len(poems),
        "stanzas": sum(len(poem.stanzas) for poem in poems),
        "in": tally.lines + no_verse,
        "kept": sum(len(poem.lines) for poem in poems),
        "dropped": {"duplicate": tally.duplicate, "wordless": tally.wordless, "no_verse": no_verse},
        "told_apart_by": told_apart_by,
    }


if __name__ == "__main__":
    main()
