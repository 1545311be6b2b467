from typing import Any

from pipeline.experiments.parity.summary import describe, net_figures, smallest_feedforward


def test_the_smallest_net_has_the_fewest_parameters_for_the_most_bits() -> None:
    few, many = ({"width": 2, "hidden_units": 2, "parameters": number} for number in (9, 13))
    assert smallest_feedforward({"wide": [few, many], "deep": [many, few], "gru": [few, few]}) == {"net": "deep", **few}
    assert smallest_feedforward({"wide": [few, many], "deep": [few, None]}) == {"net": "wide", **many}
    assert smallest_feedforward({"wide": [few, None], "deep": [None, None]}) is None


def test_one_wrong_label_of_all_is_told() -> None:
    runs: list[dict[str, Any]] = [{"parameters": 9, "solved": False, "whole": 4095 / 4096}]
    figures = net_figures(runs, [{"held_out": 0.5}])
    report = {"sequences": 4096, "nets": {"deep": {"runs": runs, "figures": figures}}}
    assert describe(report, "deep") == "deep: 0 of 1 seeds have all 4,096 sequences right, 99.98% at least"
