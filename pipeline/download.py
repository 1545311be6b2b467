"""Stage: download, copy or point at the files of a text, and record their sizes and checksums."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from pipeline.dumps.digests import digests_of
from pipeline.dumps.dump import whole
from pipeline.dumps.fetch import RemoteFile, fetch
from pipeline.dumps.files import OWN_SPLITS, own_files
from pipeline.dumps.web import Web
from pipeline.dumps.wikimedia import LAYOUTS
from pipeline.languages.language import DEFAULT
from pipeline.records.text import File, FileKind, Manifest
from pipeline.run.command import stage
from pipeline.run.console import Metrics, say
from pipeline.run.errors import UserError
from pipeline.run.outputs import read_json, refuse_to_replace, whole_directory, write_json
from pipeline.settings.checked import checked_params
from pipeline.settings.params import Params
from pipeline.settings.text_sections import Wiki

SAMPLE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
SAMPLE_SHA1 = "7b5fb82629787518600dfdb27b84703f2abad6ee"


@stage
def main(raw: Path) -> Metrics:
    """Get the files and write to RAW a manifest of where they are, with their sizes and checksums."""
    params = checked_params("download")
    refuse_to_replace(raw, {"manifest.json", SAMPLE})
    source = params.wiki.source
    with whole_directory(raw) as directory:
        kind: FileKind = "dump"
        language, columns = params.wiki.language, dict[str, str | None]()
        if source == "sample":
            files = [place_sample(directory).model_copy(update={"path": (raw / SAMPLE).as_posix()})]
        elif source == "dumps":
            # Next to RAW, which each run replaces. Downloads stay until the user deletes them.
            files = download(params, raw.with_name("downloads"))
        else:
            kind, files = describe_own(params.wiki)
            if kind != "dump":
                language, columns = language or DEFAULT, params.wiki.columns.model_dump()
        manifest = Manifest(source=source, language=language, kind=kind, columns=columns, files=files)
        manifest.write(directory / "manifest.json")
    total = sum(file.bytes for file in files)
    say(f"download: {source}: {len(files)} file(s) of kind {kind}, {total:,} bytes, checksums in {raw}/manifest.json")
    return {"files": len(files), "bytes": total}


def place_sample(directory: Path) -> File:
    """Copy the English excerpt that gensim ships into `directory`, check it, and return its manifest entry."""
    packaged = metadata.distribution("gensim").locate_file(f"gensim/test/test_data/{SAMPLE}")
    shutil.copyfile(str(packaged), directory / SAMPLE)
    entry = describe_file(directory / SAMPLE)
    if entry.sha1 != SAMPLE_SHA1:
        raise UserError(f"gensim's {SAMPLE}: sha1 is {entry.sha1}, not {SAMPLE_SHA1}; reinstall gensim")
    return entry


def download(params: Params, folder: Path) -> list[File]:
    """Download the dump files that `wiki:` names into `folder`; return their manifest entries."""
    web = Web(params.runtime.contact)
    entries = fetch(listed_files(params.wiki, folder, web), folder, web, params.runtime.connections)
    check_one_wiki([Path(entry.path) for entry in entries])
    return entries


def listed_files(wiki: Wiki, folder: Path, web: Web) -> list[RemoteFile]:
    """Return the files of the dump, as the mirror lists them.

    The list is kept in `folder`, because servers delete a dump after some months. Once all files are downloaded, the
    server is not asked.
    """
    kept = folder / f".{wiki.project}-{wiki.layout}-{wiki.date}.json"
    if kept.is_file():
        files = [RemoteFile(**file) for file in read_json(kept)][: wiki.files]
        if all((folder / file.name).is_file() for file in files):
            return files
    every = LAYOUTS[wiki.layout](web, wiki.mirror, wiki.project).pinned(wiki.date)
    write_json(kept, [asdict(file) for file in every])
    return every[: wiki.files]


def describe_own(wiki: Wiki) -> tuple[FileKind, list[File]]:
    """Check the user's own files that `wiki.source` names; return their kind, and the manifest's files."""
    own = own_files(wiki.source)
    if own.kind == "dump":
        check_one_wiki(own.paths)
        return own.kind, [describe_file(path) for path in own.paths]
    files = [describe_file(path) for path in own.paths]
    if own.kind == "lines":
        files = [file.model_copy(update={"split": split}) for file, split in zip(files, OWN_SPLITS, strict=True)]
        say("download: " + ", ".join(f"{file.split}: {Path(file.path).name}" for file in files))
    return own.kind, files


def check_one_wiki(paths: Sequence[Path]) -> None:
    """Raise `UserError` if a file is not a dump, or if the heads of several name different wikis."""
    first = whole(paths[0]).site.name
    for path in paths[1:]:
        if (wiki := whole(path).site.name) != first:
            raise UserError(
                f"{path}: is of {wiki}, the files before it of {first} ({paths[0]}); "
                "give wiki.source the files of one wiki"
            )


def describe_file(path: Path) -> File:
    """Return a file's path, size in bytes and sha1."""
    return File(path=path.as_posix(), bytes=path.stat().st_size, **digests_of(path, "sha1"))


if __name__ == "__main__":
    main()
