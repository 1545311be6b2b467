"""The vectors on the page: they answer analogies, find the neighbours of a word, and make a map."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.page.results import ForTemplate, Results
from pipeline.records.analogies import AnalogyReport, Answered, ShownQuestion
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.wording import spread
from pipeline.vectors.questions import Question

EXAMPLES = 5  # questions to press
QUESTIONS_ASKED = 3  # questions of the test half, right or wrong


def section(results: Results) -> ForTemplate | None:
    """Return what `ask.html` and `embeddings.html` show of the exported vectors, and the scripts read.

    None if no vectors were compared, or they have too few words for a map. The best model comes first.
    """
    if not (compared := results.vectors) or not compared.maps:
        return None
    words, whole = (first := compared.maps[0]).words, first.known
    spaces = [  # the same words once
        each.model_dump(exclude={"known", *(["words"] if number and each.words == words else [])})
        for number, each in enumerate(compared.maps)
    ]
    report = results.analogies.get(first.name)
    return {
        "data": {"spaces": spaces, "whole": len(words) == whole},
        "held": set(words),
        "names": [each.name for each in compared.maps],
        "others": compared.others,
        "megabytes": sum(len(text) for one in spaces for text in one["vectors"].values()) / 1e6,
        "most": len(words),
        "known": whole,
        "mapped": len(first.clusters),
        "examples": list(examples(report, words)),
        "first": first_of_test(report, words),
    }


def first_of_test(report: AnalogyReport | None, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the first questions of Google's test half, as people type them, and whether the model is right."""
    known = set(words)
    asked = (
        (typed(q), q.right)
        for section, answers in (report.answers.items() if report else ())
        for q in answers
        if {q.a, q.b, q.c} <= known and half_of(Question(section, q.a, q.b, q.c, ())) == "test"
    )
    return list(islice(asked, QUESTIONS_ASKED))


def typed(question: Answered | ShownQuestion) -> str:
    """Return a question of a report as people type it."""
    return f"{question.b} - {question.a} + {question.c}"


def examples(report: AnalogyReport | None, words: Sequence[str]) -> Iterator[str]:
    """Yield questions that the model answers right, as people type them: of files, of each section, others.

    Without any, yield words to ask the neighbours of.
    """
    right: list[list[Answered | ShownQuestion]] = []
    if report:
        shown = (q for file in report.files for q in file.shown)
        right.append([q for q in shown if q.cosine and q.cosine[0][0] in q.answers])
        right += [[q for q in answers if q.right] for answers in report.answers.values()]
    known = set(words)
    right = [[q for q in found if {q.a, q.b, q.c} <= known] for found in right]
    first = [spread(found, 1)[0] for found in right if found]
    more = [q for found in right for q in spread(found, EXAMPLES) if q not in first]
    if first:
        for q in (first + more)[:EXAMPLES]:
            yield typed(q)
    else:
        yield from [word for word in words if len(word) > 3][:EXAMPLES] or words[:EXAMPLES]
