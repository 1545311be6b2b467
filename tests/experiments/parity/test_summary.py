from pipeline.experiments.parity.summary import smallest_feedforward


def test_the_smallest_net_has_the_fewest_parameters_for_the_most_bits() -> None:
    few, many = ({"width": 2, "hidden_units": 2, "parameters": number} for number in (9, 13))
    assert smallest_feedforward({"wide": [few, many], "deep": [many, few], "gru": [few, few]}) == {"net": "deep", **few}
    assert smallest_feedforward({"wide": [few, many], "deep": [few, None]}) == {"net": "wide", **many}
    assert smallest_feedforward({"wide": [few, None], "deep": [None, None]}) is None
