import copy

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models.rows import RowAdam, clip_gradients, take_rows

ROWS, SIZE, BETA = 9, 4, 0.9


def a_matrix() -> Tensor:
    return torch.randn(ROWS, SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()


def train(matrix: Tensor, optimizer: torch.optim.Optimizer, batches: list[Tensor], *, sparse: bool) -> None:
    """Take a step a batch of row ids, at a rate that falls; a row's gradient depends on the row and on its place."""
    for number, ids in enumerate(batches):
        optimizer.param_groups[0]["lr"] = 0.1 / (1 + number)
        rows = take_rows(matrix, ids) if sparse else F.embedding(ids, matrix)
        optimizer.zero_grad()
        places = torch.arange(ids.numel(), dtype=torch.float64).view(*ids.shape, 1)
        (rows.square() * (places + 1)).sum().backward()
        assert matrix.grad is not None
        assert matrix.grad.is_sparse == sparse
        clip_gradients([matrix], 5.0)
        optimizer.step()


EVERY_ROW = [torch.arange(ROWS).repeat(2).view(3, 6)] * 4
WITH_GAPS = [torch.tensor(ids) for ids in ([0, 1, 1, 2], [3, 0, 0, 3], [5], [8, 2, 1, 1], [0])]


@pytest.mark.parametrize("batches", [EVERY_ROW, WITH_GAPS], ids=["every row", "with gaps"])
def test_updates_of_rows_are_those_of_dense_adam_without_momentum(batches: list[Tensor]) -> None:
    one, other = a_matrix(), a_matrix()
    train(one, RowAdam([one], lr=0.1, betas=(0.0, BETA)), batches, sparse=True)
    train(other, torch.optim.Adam([other], lr=0.1, betas=(0.0, BETA)), batches, sparse=False)
    torch.testing.assert_close(one, other, atol=1e-12, rtol=0)
    assert not one.equal(a_matrix())
    never = [row for row in range(ROWS) if row not in torch.cat([ids.flatten() for ids in batches])]
    assert one[never].equal(a_matrix()[never])


def test_a_run_goes_on_from_a_saved_state() -> None:
    whole, part = a_matrix(), a_matrix()
    optimizer, first, second = (RowAdam([matrix], lr=0.1, betas=(0.0, BETA)) for matrix in (whole, part, part))
    train(whole, optimizer, WITH_GAPS, sparse=True)
    train(part, first, WITH_GAPS, sparse=True)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for matrix, own in ((whole, optimizer), (part, second)):
        train(matrix, own, WITH_GAPS, sparse=True)
    assert part.equal(whole)


@pytest.mark.parametrize("largest", [1e-3, 1e6])
def test_clipping_counts_a_row_that_is_taken_twice_once(largest: float) -> None:
    matrix, bias = a_matrix(), torch.ones(3, dtype=torch.float64, requires_grad=True)
    (take_rows(matrix, torch.tensor([1, 1, 4])).sum() + 2 * bias.sum()).backward()
    norm = (SIZE * (4 + 1) + 3 * 4) ** 0.5
    clip_gradients([matrix, bias], largest)
    assert matrix.grad is not None
    assert bias.grad is not None
    found = torch.cat([matrix.grad.to_dense().flatten(), bias.grad]).norm().item()
    assert found == pytest.approx(min(norm, largest), rel=1e-5)
