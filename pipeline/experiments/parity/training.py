"""How the nets of the parity problem are trained."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.experiments.parity.nets import Accuracy, Nets, State, accuracies, running_parity

EVALUATE_EVERY = 50  # updates


class Recipe(NamedTuple):
    """Settings of a training; those after the first three are for recurrent nets."""

    updates: int  # of recurrent nets, those on batches that are all right
    learning_rate: float
    gradient_clip: float  # 0: none
    most: int = 0
    first_length: int = 0
    gradient_noise: float = 0.0
    weight_decay: float = 0.0
    state_noise: float = 0.0


def train(nets: Nets, sequences: Tensor, batch: int, recipe: Recipe) -> Iterator[tuple[int, list[Accuracy]]]:
    """Train each net on its `sequences`; yield the number of updates and the accuracies every 50 and after the last.

    The caller may stop in between. The optimizer is Adam. Each update draws `batch` sequences of each net.

    Recurrent nets first search: sequences are cut to `first_length` bits (Elman 1993) and grow by a bit after each
    batch that is all right. Meanwhile the gradient gets normal noise and the weights decay, so that a net leaves the
    places where its values saturate and its gradients vanish. A net's search ends with a batch of whole sequences that
    is all right.

    From then on the learning rate falls linearly to zero over `updates` batches that are all right. Half of the rows
    carry their state: a row whose labels are right continues with its next sequence, so that the net meets the states
    that sequences of any length lead to. Normal noise is added to these states, and only a net that rounds its values
    removes it. After `most` updates, training ends in any case.
    """
    training = _Training(nets, sequences, batch, recipe)
    most = recipe.most or recipe.updates
    for update in range(1, most + 1):
        training.update()
        ended = update == most or not training.left.any()
        if update % EVALUATE_EVERY == 0 or ended:
            yield update, accuracies(nets, sequences)
        if ended:
            return


class _Training:
    """Nets in training, with what each has left to do and the state that its rows carry."""

    def __init__(self, nets: Nets, sequences: Tensor, batch: int, recipe: Recipe) -> None:
        seeds, bits = len(nets.seeds), sequences.shape[2]
        self.nets, self.sequences, self.batch, self.recipe = nets, sequences, batch, recipe
        betas = (0.9, 0.99) if recipe.most else (0.9, 0.999)  # the noise of a search is soon forgotten
        self.optimizer = torch.optim.Adam(nets.weights.values(), lr=recipe.learning_rate, betas=betas, fused=True)
        self.generators = [torch.Generator().manual_seed(seed) for seed in nets.seeds]
        self.searching = torch.full((seeds,), recipe.most > 0)
        self.lengths = torch.full((seeds,), min(recipe.first_length, bits) if recipe.most else bits)
        self.left = torch.full((seeds,), recipe.updates)  # updates that the learning rate still takes to fall
        self.state: State = ()
        self.parity = torch.zeros(seeds, batch, 1, dtype=torch.int64)

    def update(self) -> None:
        """Take a step on new sequences."""
        rows = self._draw()
        logits, end = self.nets(rows, self.state)
        labels = (running_parity(rows) + self.parity)[..., -logits.shape[2] :] % 2
        counted = torch.arange(logits.shape[2]) < self.lengths[:, None, None]
        losses = F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
        self.optimizer.zero_grad()
        ((losses * counted).sum((1, 2)) / counted.sum((1, 2)) / self.batch).sum().backward()
        self._step()
        right = (((logits > 0) == labels.bool()) | ~counted).all(2)
        if end:
            self._carry(end, right, labels[..., -1:])
        bits, learnt = self.sequences.shape[2], right.all(1)
        counts = ~self.searching & (learnt if self.recipe.most else True)
        self.left = (self.left - counts.long()).clamp(min=0)
        self.searching &= ~(learnt & (self.lengths == bits))
        self.lengths = (self.lengths + learnt).clamp(max=bits)

    def _draw(self) -> Tensor:
        """Return random sequences for each seed, (seeds, batch, bits), as long as the longest that a net learns now."""
        number = self.sequences.shape[1]
        places = [torch.randint(number, (self.batch,), generator=generator) for generator in self.generators]
        drawn = torch.stack([rows[chosen] for rows, chosen in zip(self.sequences, places, strict=True)])
        return drawn[..., : self.lengths.max()]

    def _step(self) -> None:
        """Apply the gradients: clipped for each net, disturbed while it searches, at its own learning rate."""
        recipe, weights = self.recipe, self.nets.weights.values()
        if recipe.gradient_clip:
            clip(self.nets, recipe.gradient_clip)
        if self.searching.any():
            for weight in weights:
                assert weight.grad is not None
                for own, generator, searches in zip(weight.grad, self.generators, self.searching, strict=True):
                    if searches:  # a seed's draws do not depend on the others'
                        own += recipe.gradient_noise * torch.randn(own.shape, generator=generator)
        before = [weight.detach().clone() for weight in weights]
        self.optimizer.step()
        rates, kept = self.left / recipe.updates, 1 - recipe.learning_rate * recipe.weight_decay * self.searching
        with torch.no_grad():
            for weight, old in zip(weights, before, strict=True):
                weight.copy_(old.lerp(weight, _for(rates, weight)) * _for(kept, weight))

    def _carry(self, end: State, right: Tensor, labels: Tensor) -> None:
        """Keep the state of right rows in the second half of the batch, with noise; the others start anew."""
        carries = right & ~self.searching[:, None]
        carries[:, : self.batch // 2] = False
        noise = self.recipe.state_noise
        state = []
        for values in end:
            own = values.detach().unflatten(1, (len(self.generators), -1))
            added = [torch.randn(own[:, 0].shape, generator=generator) for generator in self.generators]
            state.append(torch.where(carries.T.unsqueeze(2), own + noise * torch.stack(added, 1), 0.0).flatten(1))
        self.state, self.parity = tuple(state), torch.where(carries.unsqueeze(2), labels, 0)


def clip(nets: Nets, largest: float) -> None:
    """Scale each net's gradient down to the norm `largest`."""
    gradients = [weight.grad for weight in nets.weights.values() if weight.grad is not None]
    norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)
    for gradient in gradients:
        gradient.mul_(_for((largest / norms).clamp(max=1), gradient))


def _for(values: Tensor, weight: Tensor) -> Tensor:
    """Return a value for each net, shaped to multiply the nets' weights."""
    return values.view(-1, *[1] * (weight.dim() - 1))
