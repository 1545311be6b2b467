"""The report of a model's answers to analogies and to judged word pairs."""

from typing import Annotated, Self

from pydantic import Strict, model_validator
from pydantic_core import PydanticCustomError

from pipeline.records.record import Record

Near = Annotated[tuple[str, float], Strict(False)]  # a word with its cosine or distance; JSON has lists for tuples
FIGURES = "cosine", "euclidean", "frequent", "third", "affixes"


class AccuracyByPart(Record):
    """The share of right answers by part of a set, or 0; Google's set has kinds, too.

    Of the test half also the ends of the interval, and of the lead that the cosine has over the figure; None with too
    few word pairs.
    """

    total: float
    semantic: float | None = None
    syntactic: float | None = None
    development: float
    test: float
    test_semantic: float | None = None
    test_syntactic: float | None = None
    test_low: float | None
    test_high: float | None
    lead_low: float | None
    lead_high: float | None


class SectionCounts(Record):
    """The questions of a section, those asked, right answers by figure, and the ends of the cosine's interval."""

    questions: int
    asked: int
    cosine: int
    euclidean: int
    frequent: int
    third: int
    affixes: int
    low: float | None = None
    high: float | None = None


class Answered(Record):
    """A question that was asked, with its five best answers by cosine."""

    a: str
    b: str
    c: str
    expected: str
    top5: list[str]
    right: bool


class ShownQuestion(Record):
    """A question of a file, with its best answers by distance, or the words that are `missing`."""

    a: str
    b: str
    c: str
    answers: list[str]
    missing: list[str] | None = None
    cosine: list[Near] | None = None
    euclidean: list[Near] | None = None


class FileAnswers(Record):
    """The questions of a file, those asked, right answers by distance, and the first questions."""

    name: str
    questions: int
    asked: int
    malformed: list[str]
    missing: dict[str, int]
    cosine: int
    euclidean: int
    shown: list[ShownQuestion]


class Correlation(Record):
    """Spearman's rho over the known pairs of a set, with the ends of its interval."""

    name: str
    pairs: int
    known: int
    spearman: float
    low: float
    high: float


class SuiteRow(Record):
    """The figure of an evaluation set: how many `of` it were asked, its value with its interval, and the baseline."""

    set: str
    figure: str
    asked: int
    of: int
    value: float | None
    low: float | None
    high: float | None
    baseline: float | None


class Evaluated(Record):
    """The vectors that were evaluated."""

    vectors: str
    scale: str
    dimensions: int
    vocabulary_size: int


class SetAnswers(Record):
    """The questions of a set, those asked by part, and the accuracy by figure."""

    questions: int
    questions_test: int
    asked: int
    asked_semantic: int | None = None
    asked_syntactic: int | None = None
    asked_development: int
    asked_test: int
    asked_test_semantic: int | None = None
    asked_test_syntactic: int | None = None
    accuracy: dict[str, AccuracyByPart]
    sections: dict[str, SectionCounts]


class AnalogyReport(SetAnswers, Evaluated):
    """`analogies/NAME.json`: Google's questions, the user's files, and all other sets."""

    answers: dict[str, list[Answered]]
    missing: dict[str, int]
    files: list[FileAnswers]
    bats: SetAnswers | None
    similarity: dict[str, Correlation]
    malformed: dict[str, list[str]]
    suite: list[SuiteRow]

    @model_validator(mode="after")
    def of_each_section_and_figure(self) -> Self:
        """Refuse a report without the answers, or the accuracy by a figure, of questions that were asked."""
        lacking = [f"answers.{name}" for name, own in self.sections.items() if own.asked and name not in self.answers]
        lacking += ["questions"] * (self.questions < 1)
        kinds = [kind for kind in ("test_semantic", "test_syntactic") if getattr(self, f"asked_{kind}")]
        for name in FIGURES:
            found = self.accuracy.get(name)
            lacking += [f"accuracy.{name}" for kind in ("test", *kinds) if getattr(found, kind, None) is None]
        if lacking:
            raise PydanticCustomError("lacking", "must have {key}", {"key": lacking[0]})
        return self
