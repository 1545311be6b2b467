import numpy as np
import pytest

from pipeline.vectors.evaluation.answered import by_part
from pipeline.vectors.evaluation.choice import half_of
from pipeline.vectors.evaluation.intervals import pair_intervals
from pipeline.vectors.evaluation.wording import spread
from pipeline.vectors.questions import Question


def test_accuracy_by_half_and_kind() -> None:
    questions = [Question("x", f"a{one}", "b", f"a{other}", ("d",)) for one in range(24) for other in range(one)]
    asked, random = questions[:200], np.random.default_rng(0)
    right, rule, kind = random.random((3, 200)) < [[0.6], [0.3], [0.5]]
    halves = np.array([half_of(each) for each in asked])
    test = halves == "test"
    found = by_part(questions, asked, {"cosine": right, "rule": rule}, {"few": kind})
    numbers = [found[key] for key in ("questions", "asked", "asked_test", "asked_development", "asked_test_few")]
    assert numbers == [276, 200, test.sum(), (halves == "development").sum(), (test & kind).sum()]
    assert found["questions_test"] == sum(half_of(each) == "test" for each in questions)
    ((low, high), (least, most)) = pair_intervals(
        [each for each, chosen in zip(asked, test, strict=True) if chosen],
        np.array([rule, right * 1.0 - rule])[:, test],
    )
    expected = {"total": rule.mean(), "few": rule[kind].mean(), "test": rule[test].mean()}
    expected |= {"development": rule[halves == "development"].mean(), "test_few": rule[test & kind].mean()}
    expected |= {"test_low": low, "test_high": high, "lead_low": least, "lead_high": most}
    assert found["accuracy"]["rule"] == pytest.approx(expected)
    nothing = by_part(questions, [], {"cosine": np.array([], bool)}, {})["accuracy"]["cosine"]
    assert nothing == {"total": 0, "development": 0, "test": 0} | dict.fromkeys(
        expected.keys() - {"few", "test_few", "total", "development", "test"}
    )


def test_examples_are_taken_evenly_from_all() -> None:
    assert (spread(range(10), 3), spread(range(2), 3)) == (range(0, 9, 3), range(2))
