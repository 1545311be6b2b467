"""How the nets of the parity problem are trained."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.experiments.parity.nets import Accuracy, Nets, State, accuracies, running_parity

EVALUATE_EVERY = 100  # updates
RESTART_AFTER = 500  # updates of a search; half of those that succeed take fewer than 200
SET_BACK = 5  # batches without an error that one with an error undoes
MIXED_EVERY = 16  # updates


class Recipe(NamedTuple):
    """Settings of a training; those after the first two are for recurrent nets."""

    updates: int  # of recurrent nets, those on batches that are all right
    learning_rate: float
    gradient_clip: float = 0.0  # 0: none
    most: int = 0
    first_length: int = 0
    gradient_noise: float = 0.0
    weight_decay: float = 0.0
    state_noise: float = 0.0


def train(nets: Nets, sequences: Tensor, batch: int, recipe: Recipe) -> Iterator[tuple[list[int], list[Accuracy]]]:
    """Train each net on its `sequences`; yield each net's updates and accuracy every 100 and after the last.

    The caller may stop in between. The optimizer is Adam. Each update draws `batch` sequences of each net.

    Recurrent nets first search: sequences are cut to `first_length` bits (Elman 1993) and grow by a bit after each
    batch that is all right. Meanwhile the gradient gets normal noise and the weights decay, so that a net leaves the
    places where its values saturate and its gradients vanish. A net's search ends with a batch of whole sequences that
    is all right. After 500 updates a search starts anew from the seed's next weights.

    From then on the learning rate falls linearly to zero over `updates` batches that are all right; a batch with an
    error takes back five. Half of the rows carry their state: a row whose labels are right continues with its next
    sequence, so that the net meets the states that sequences of any length lead to. Uniform noise moves these states by
    up to `state_noise`, and only a net that rounds its values removes it. Half of these rows read one sequence again
    and again, of the fewest or the most ones, and a random one at every sixteenth update: a net that lets a value drift
    while the bits stay the same makes errors there. After `most` updates, training ends in any case.
    """
    training = _Training(nets, sequences, batch, recipe)
    most = recipe.most or recipe.updates
    for update in range(1, most + 1):
        training.update()
        ended = update == most or not training.left.any()
        if update % EVALUATE_EVERY == 0 or ended:
            yield training.updates.tolist(), accuracies(nets, sequences)
        if ended:
            return


class _Training:
    """Nets in training, with what each has done and has left to do and the state that its rows carry."""

    def __init__(self, nets: Nets, sequences: Tensor, batch: int, recipe: Recipe) -> None:
        seeds, _, bits = sequences.shape
        self.nets, self.sequences, self.batch, self.recipe = nets, sequences, batch, recipe
        betas = (0.9, 0.99) if recipe.most else (0.9, 0.999)  # the noise of a search is soon forgotten
        self.optimizer = torch.optim.Adam([nets.values], lr=recipe.learning_rate, betas=betas, fused=True)
        self.generators = [torch.Generator().manual_seed(seed) for seed in nets.seeds]
        self.searching = torch.full((seeds,), recipe.most > 0)
        self.lengths = torch.full((seeds,), min(recipe.first_length, bits) if recipe.most else bits)
        self.updates = torch.zeros(seeds, dtype=torch.int64)
        self.left = torch.full((seeds,), recipe.updates)  # updates that the learning rate still takes to fall
        self.state: State = ()
        self.parity = torch.zeros(seeds, batch, 1, dtype=torch.int64)
        order = sequences.sum(2).argsort(dim=1, stable=True)
        self.extreme = torch.cat([order[:, :2], order[:, -2:]], 1).repeat(1, batch // 16)  # fewest and most ones

    def update(self) -> None:
        """Take a step on new sequences."""
        rows = self._draw()
        logits, end = self.nets(rows, self.state)
        labels = (running_parity(rows) ^ self.parity)[..., -logits.shape[2] :]
        counted = torch.arange(logits.shape[2]) < self.lengths[:, None, None]
        losses = F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
        self.optimizer.zero_grad()
        ((losses * counted).sum((1, 2)) / counted.sum((1, 2)) / self.batch).sum().backward()
        self._step()
        right = (((logits > 0) == labels.bool()) | ~counted).all(2)
        if end:
            self._carry(end, right, labels[..., -1:])
        self._count(right.all(1))

    def _draw(self) -> Tensor:
        """Return sequences for each seed, (seeds, batch, bits), as long as the longest that a net learns now."""
        number = self.sequences.shape[1]
        places = torch.stack([torch.randint(number, (self.batch,), generator=own) for own in self.generators])
        if self.recipe.most:
            repeats = ~self.searching & (self.updates % MIXED_EVERY > 0)
            tail = places[:, self.batch - self.extreme.shape[1] :]
            tail.copy_(torch.where(repeats.unsqueeze(1), self.extreme, tail))
        drawn = torch.stack([rows[chosen] for rows, chosen in zip(self.sequences, places, strict=True)])
        return drawn[..., : self.lengths.max()]

    def _step(self) -> None:
        """Apply the gradients: clipped for each net, disturbed while it searches, at its own learning rate."""
        recipe, values = self.recipe, self.nets.values
        assert values.grad is not None
        if recipe.gradient_clip:
            clip(values.grad, recipe.gradient_clip)
        for own, generator, searches in zip(values.grad, self.generators, self.searching.tolist(), strict=True):
            if searches:  # a seed's draws do not depend on the others'
                own += recipe.gradient_noise * torch.randn(own.shape, generator=generator)
        before = values.detach().clone()
        self.optimizer.step()
        rates, kept = self.left / recipe.updates, 1 - recipe.learning_rate * recipe.weight_decay * self.searching
        with torch.no_grad():
            values.copy_(before.lerp(values, rates.unsqueeze(1)) * kept.unsqueeze(1))

    def _carry(self, end: State, right: Tensor, labels: Tensor) -> None:
        """Keep the state of right rows in the second half of the batch, with noise; the others start anew."""
        carries = right & ~self.searching[:, None]
        carries[:, : self.batch // 2] = False
        state = []
        for values in end:
            own = values.detach().unflatten(1, (len(self.generators), -1))
            drawn = [torch.rand(own[:, 0].shape, generator=generator) for generator in self.generators]
            moved = own + self.recipe.state_noise * (2 * torch.stack(drawn, 1) - 1)
            state.append(torch.where(carries.T.unsqueeze(2), moved, 0.0).flatten(1))
        self.state, self.parity = tuple(state), torch.where(carries.unsqueeze(2), labels, 0)

    def _count(self, learnt: Tensor) -> None:
        """Note which nets had a whole batch right: their searches, sequences and learning rates go on from there."""
        bits, most, going = self.sequences.shape[2], self.recipe.most, self.left > 0
        self.updates += going
        change = torch.where(learnt, -1, SET_BACK) * ~self.searching if most else -1
        self.left = torch.where(going, self.left + change, 0).clamp(max=self.recipe.updates)
        self.searching &= ~(learnt & (self.lengths == bits))
        self.lengths = (self.lengths + learnt).clamp(max=bits)
        lasts = self.searching & (self.updates % RESTART_AFTER == 0) & (self.updates < most)
        for number in lasts.nonzero().flatten().tolist():
            self.nets.restart(number)
            self.lengths[number] = min(self.recipe.first_length, bits)


def clip(gradient: Tensor, largest: float) -> None:
    """Scale each net's gradient, a row, down to the norm `largest`."""
    gradient *= (largest / gradient.norm(dim=1, keepdim=True)).clamp(max=1)
