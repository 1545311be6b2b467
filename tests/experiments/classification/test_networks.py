import pytest
import torch
from torch import Tensor, nn

from models.recurrent.units import UNITS
from pipeline.experiments.classification import networks
from pipeline.experiments.classification.networks import PADDED, UNKNOWN, TagModel, edged

EDGE = 5


def a_model(unit: str = "gru") -> TagModel:
    torch.manual_seed(0)
    return TagModel(EDGE + 1, 2, unit)


def some(n: int = 64) -> tuple[Tensor, Tensor, Tensor]:
    """Lines of 1 to 6 tags from 1 to 4, by poet 1 where the first is above 2."""
    torch.manual_seed(1)
    lines = [torch.randint(1, 5, (int(length),)).tolist() for length in torch.randint(1, 7, (n,))]
    return *edged(lines, EDGE), torch.tensor([int(line[0] > 2) for line in lines])


def test_inputs_are_a_step_behind_targets() -> None:
    inputs, targets = edged([[1, 2], [UNKNOWN]], EDGE)
    assert inputs.tolist() == [[EDGE, 1, 2], [EDGE, UNKNOWN, 0]]
    assert targets.tolist() == [[1, 2, EDGE], [PADDED, EDGE, PADDED]]


@pytest.mark.parametrize("unit", UNITS)
def test_padding_changes_nothing(unit: str) -> None:
    model = a_model(unit).double()
    inputs, targets, _ = some()
    longer = nn.functional.pad(inputs, (0, 3), value=4), nn.functional.pad(targets, (0, 3), value=PADDED)
    torch.testing.assert_close(model.score(inputs, targets), model.score(*longer), atol=1e-12, rtol=0)


def test_the_chances_of_all_lines_of_a_length_add_up_to_the_chance_of_that_length() -> None:
    """Of one tag or none: every first tag, then the edge or a tag."""
    model = a_model().double()
    tags = torch.arange(EDGE + 1)
    first = model.score(torch.full((EDGE + 1, 1), EDGE), tags[:, None]).exp()
    torch.testing.assert_close(first.sum(0), torch.ones(2).double())
    pairs = torch.cartesian_prod(tags, tags)
    both = model.score(torch.stack([torch.full((len(pairs),), EDGE), pairs[:, 0]], 1), pairs).exp()
    torch.testing.assert_close(both.unflatten(0, (len(tags), -1)).sum(1), first)


def test_values_are_dropped_in_training_alone_and_dropped_tags_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, targets, poets = some()
    for name in "DROPPED_OUTPUT", "DROPPED_EMBEDDING", "DROPPED_TAGS":
        model = a_model()
        assert not torch.equal(model(inputs, targets, poets), model(inputs, targets, poets))
        assert torch.equal(model.score(inputs, targets), model.score(inputs, targets))
        monkeypatch.setattr(networks, name, float(name == "DROPPED_TAGS"))
    model = a_model()
    unknown = model.score(torch.full_like(inputs, UNKNOWN), targets)
    torch.testing.assert_close(model(inputs, targets, poets), unknown.gather(1, poets[:, None])[:, 0])
