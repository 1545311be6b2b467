from typing import Any

import pytest

from pipeline.experiments.parity.summary import describe, net_figures, smallest_feedforward


def test_the_smallest_net_has_the_fewest_parameters_for_the_most_bits() -> None:
    few, many = ({"width": 2, "hidden_units": 2, "parameters": number} for number in (9, 13))
    assert smallest_feedforward({"wide": [few, many], "deep": [many, few], "gru": [few, few]}) == {"net": "deep", **few}
    assert smallest_feedforward({"wide": [few, many], "deep": [few, None]}) == {"net": "wide", **many}
    assert smallest_feedforward({"wide": [few, None], "deep": [None, None]}) is None


@pytest.mark.parametrize(("number", "least"), [(4096, "99.98%"), (65_536, "99.99%")])
def test_one_wrong_label_of_all_is_told(number: int, least: str) -> None:
    runs: list[dict[str, Any]] = [{"parameters": 9, "solved": False, "whole": 1 - 1 / number}]
    figures = net_figures(runs, [{"held_out": 0.5}])
    report = {"sequences": number, "nets": {"deep": {"runs": runs, "figures": figures}}}
    assert describe(report, "deep") == f"deep: 0 of 1 seeds have all {number:,} sequences right, {least} at least"
