"""What a wiki calls its namespaces, as far as markup needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FILE, CATEGORY = 6, 14
# Every wiki understands these beside its own names.
CANONICAL = {"media": -2, "file": FILE, "image": FILE, "category": CATEGORY}


@dataclass(frozen=True)
class Site:
    """A wiki's language and namespace names, from a dump's `<siteinfo>`; without one, English Wikipedia's.

    `namespaces` maps a name, in any case, to its number.
    """

    name: str = "enwiki"
    language: str = "en"
    namespaces: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = CANONICAL | {_plain(name): number for name, number in self.namespaces.items()}
        object.__setattr__(self, "namespaces", names)

    def namespace_of(self, title: str) -> int:
        """The namespace of a link's target: 0 where it names none."""
        prefix, colon, _ = title.partition(":")
        return self.namespaces.get(_plain(prefix), 0) if colon else 0


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).lower()
