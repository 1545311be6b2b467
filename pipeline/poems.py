"""Stage: poets' verse as poems, stanzas and lines, without duplicates, and the tags of each line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from textblob.taggers import PatternTagger

from pipeline.experiments.verse.gutenberg import fetch_books, read_book
from pipeline.experiments.verse.poems import Poem, RawPoem, deduplicate, parse_verse, poets_in, read_verse, verse_folder
from pipeline.records.experiments import Mark, PoetStats, VerseStats
from pipeline.run.command import skip, stage
from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import refuse_to_replace, whole_directory, write_json_lines
from pipeline.run.runtime import Runtime
from pipeline.settings.checked import checked_params

SAMPLE_VERSE = Path(__file__).parent / "experiments/verse/sample_verse"
OUTPUTS = {"poems.jsonl", "tags.jsonl", "stats.json"}
TAGGER = PatternTagger()  # for English; its lexicon and rules come with textblob
PoemsAndStats = tuple[list[Poem], PoetStats]  # a poet's poems, and how many lines were read, kept and dropped


@stage
def main(poems: Path) -> Metrics:
    """Read the verse that `poems` in params.yaml names; write poems.jsonl, tags.jsonl and stats.json to POEMS."""
    params = checked_params("poems")
    refuse_to_replace(poems, OUTPUTS)
    if params.poems is None:
        return skip("poems: off in params.yaml", poems)
    source = params.poems.source
    if source == "gutenberg":
        # Next to POEMS, which each run replaces. Downloads stay until the user deletes them.
        found = read_gutenberg(params.poems.gutenberg, params.runtime, poems.with_name("downloads"))
    else:
        found = read_folder(SAMPLE_VERSE if source == "sample" else verse_folder(source))
    stats = {poet: each for poet, (_, each) in found.items()}
    figures: Metrics = {
        "poets": len(found),
        "poems": sum(each.poems for each in stats.values()),
        "lines_in": sum(each.lines for each in stats.values()),
        "lines": sum(each.kept for each in stats.values()),
        "duplicates": sum(each.dropped["duplicate"] for each in stats.values()),
    }
    with whole_directory(poems) as directory:
        all_poems = [poem for own, _ in found.values() for poem in own]
        write_json_lines(directory / "poems.jsonl", (poem._asdict() for poem in all_poems))
        write_json_lines(
            directory / "tags.jsonl",
            ({"poet": poem.poet, "poem": poem.poem, "lines": list(map(tag_line, poem.lines))} for poem in all_poems),
        )
        VerseStats(source=source, poets=stats).write(directory / "stats.json")
    for poet, each in stats.items():
        say(
            f"poems: {poet}: {each.kept:,} lines in {each.stanzas:,} stanzas of {each.poems:,} poems"
            + (", each one stanza" if each.told_apart_by == "stanza" else "")
            + f"; {each.dropped['duplicate']:,} duplicates dropped"
        )
    return figures


def tag_line(line: str) -> list[str]:
    """Return the part-of-speech tags of a line, by the names of the Penn Treebank: DT, NN, VBD, "," ..."""
    return [tag for _, tag in TAGGER.tag(line)]


def read_folder(folder: Path) -> dict[str, PoemsAndStats]:
    """Return the verse of a folder of NAME.txt files, by poet; raises `UserError` if a file has none."""
    found = {}
    for poet, path in poets_in(folder):
        poems, told_apart_by = parse_verse(read_verse(path))
        found[poet] = with_stats(poet, poems, told_apart_by)
        if not found[poet][0]:
            raise UserError(f"{path}: has no verse; fill it or remove it")
    return found


def read_gutenberg(poets: Mapping[str, Sequence[int]], runtime: Runtime, folder: Path) -> dict[str, PoemsAndStats]:
    """Fetch the ebooks of some poets, given by number, into `folder`; return their verse, by poet."""
    found = {}
    for poet, numbers in sorted(poets.items()):
        books = {path: read_book(path) for path in fetch_books(numbers, folder, runtime)}
        if empty := [path for path, (poems, _) in books.items() if not poems]:
            raise UserError(f"{empty[0]}: no verse found; remove its number from poems.gutenberg.{poet}")
        poems = [poem for own, _ in books.values() for poem in own]
        found[poet] = with_stats(poet, poems, "heading", sum(other for _, other in books.values()))
    return found


def with_stats(poet: str, found: Sequence[RawPoem], told_apart_by: Mark, no_verse: int = 0) -> PoemsAndStats:
    """Return a poet's poems, each line once, and their stats; `told_apart_by` names the mark that ends a poem."""
    poems, dropped = deduplicate(poet, found)
    dropped["no_verse"] = no_verse
    kept = sum(len(poem.lines) for poem in poems)
    return poems, PoetStats(
        poems=len(poems),
        stanzas=sum(len(poem.stanzas) for poem in poems),
        lines=kept + sum(dropped.values()),
        kept=kept,
        dropped=dropped,
        told_apart_by=told_apart_by,
    )


if __name__ == "__main__":
    main()
