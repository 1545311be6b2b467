"""Stage: the template pages of a dump to definitions, which say how templates show their arguments."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pipeline.dumps.definitions import Definition, as_json, template_name, write_definitions
from pipeline.dumps.dump import Page, Piece, pages
from pipeline.dumps.manifest import listed_pieces, read_manifest
from pipeline.records.text import Manifest
from pipeline.run.command import stage
from pipeline.run.console import Metrics, progress, say
from pipeline.run.outputs import whole_file
from pipeline.run.workers import ALONE, map_in_order
from pipeline.settings.checked import checked_params
from pipeline.settings.params import Params
from pipeline.wikitext.pages import has_disambiguation_word, redirect_target
from pipeline.wikitext.site import TEMPLATE, Site
from pipeline.wikitext.templates.definitions import definition, transcluded


@stage
def main(raw: Path, templates: Path) -> Metrics:
    """Read the template pages of the dumps that RAW's manifest names, and write their definitions to TEMPLATES.

    Plain prose has no templates.
    """
    params, manifest = checked_params("templates"), read_manifest(raw)
    has_templates = params.extract.templates and manifest.kind == "dump"
    with whole_file(templates) as partial:
        count = write_definitions(partial, definitions_in(manifest, params) if has_templates else [])
    say(f"templates: {count:,} definitions")
    return {"definitions": count}


def definitions_in(manifest: Manifest, params: Params) -> Iterator[Definition]:
    """Yield the definitions of all templates, in the order of the dumps."""
    pieces = listed_pieces(manifest)
    with progress("templates", sum(piece.end - piece.start for piece in pieces), "B") as bar:
        for can_be_split, some in groupby(pieces, key=lambda piece: bool(piece.head)):
            # A whole file's definitions may not fit into memory: they are read here, one after another.
            work, runtime = (all_definitions_of, params.runtime) if can_be_split else (definitions_of, ALONE)
            for piece, found in map_in_order(work, list(some), runtime):
                yield from found
                bar.update(piece.end - piece.start)


def all_definitions_of(piece: Piece) -> list[Definition]:
    """Return what `definitions_of` yields, as a worker must."""
    return list(definitions_of(piece))


def definitions_of(piece: Piece) -> Iterator[Definition]:
    """Yield the definitions of the templates whose pages begin in a piece of a dump."""
    for page in pages(piece, TEMPLATE):
        if page.model == "wikitext":
            # The dump names the target of a redirect in any language.
            target = page.redirect or redirect_target(page.text)
            leads_away = target is not None and not _names_template(target, page, piece.site)
            yield Definition(
                name=name_of(page.title, piece.site.language),
                definition=None if leads_away else as_json(definition(page.text)),
                redirect=None if target is None or leads_away else name_of(target, piece.site.language),
                disambiguation=has_disambiguation_word(transcluded(page.text)),
            )


def _names_template(title: str, template: Page, site: Site) -> bool:
    # A dump may lack the names of its namespaces.
    return site.namespace_of(title) == TEMPLATE or title.partition(":")[0] == template.title.partition(":")[0]


def name_of(title: str, language: str) -> str:
    """Return the name of a template by the title of its page."""
    return template_name(title.partition(":")[2] or title, language)


if __name__ == "__main__":
    main()
