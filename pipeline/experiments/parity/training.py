"""How the nets of the parity problem are trained."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.experiments.parity.nets import NetState, RecurrentNets, accuracies, running_parity, signs

BATCH = 128  # sequences in an update
FEEDFORWARD_UPDATES, EVALUATE_EVERY = 2000, 100
# The search of a recurrent net.
FIRST_LENGTH = 2  # bits
LEARNING_RATE, BETAS = 0.08, (0.9, 0.99)  # so that noise is soon forgotten
LARGEST_NORM = 0.1  # of a net's gradient
GRADIENT_NOISE = 0.03  # standard deviation
WEIGHT_DECAY = 0.15
RESTART_AFTER = 500  # updates; half of the searches that succeed take fewer than 200
# What follows.
UPDATES = 200  # batches without an error over which the learning rate falls to zero
SET_BACK = 5  # batches without an error that one with an error undoes
STATE_NOISE = 0.3  # at most
MIXED_EVERY = 16  # updates
MOST_UPDATES = 2000  # with those of the search


def train_feedforward(net: nn.Sequential, sequences: Tensor, seed: int, learning_rate: float) -> None:
    """Train a net on random batches of `sequences` (rows, bits) until all labels are right, or for 2,000 updates.

    The learning rate of Adam falls linearly to zero.
    """
    generator = torch.Generator().manual_seed(seed)
    inputs, labels = signs(sequences), running_parity(sequences)[:, -1:].float()
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.PolynomialLR(optimizer, FEEDFORWARD_UPDATES)
    for update in range(1, FEEDFORWARD_UPDATES + 1):
        rows = torch.randint(len(sequences), (BATCH,), generator=generator)
        loss = F.binary_cross_entropy_with_logits(net(inputs[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if update % EVALUATE_EVERY == 0 and accuracies(net, sequences) == [1]:
            return


class RecurrentTraining:
    """The training of recurrent nets on `sequences` (rows, bits) by Adam, and the state that its rows carry.

    Nets first search: sequences are cut to `FIRST_LENGTH` bits (Elman 1993) and grow by a bit after each batch that is
    all right. Meanwhile the gradient gets normal noise and the weights decay, so that a net leaves the places where its
    values saturate and its gradients vanish. A net's search ends with a batch of whole sequences that is all right.
    After 500 updates a search starts anew from the seed's next weights.

    From then on the learning rate falls linearly to zero over `UPDATES` batches that are all right; a batch with an
    error takes back five. Half of the rows carry their state: a row whose labels are right continues with its next
    sequence, so that the net meets the states that sequences of any length lead to. Uniform noise moves these states by
    up to `STATE_NOISE`, and only a net that rounds its values removes it. Half of these rows read one sequence again
    and again, of the fewest or the most ones, and a random one at every sixteenth update: a net that lets a value drift
    while the bits stay the same makes errors there. After `MOST_UPDATES`, training ends in any case.
    """

    def __init__(self, nets: RecurrentNets, sequences: Tensor) -> None:
        seeds = len(nets.seeds)
        self.nets, self.sequences = nets, sequences
        self.optimizer = torch.optim.Adam([nets.values], lr=LEARNING_RATE, betas=BETAS, fused=True)
        self.generators = [torch.Generator().manual_seed(seed) for seed in nets.seeds]
        self.searching = torch.ones(seeds, dtype=torch.bool)
        self.lengths = torch.full((seeds,), FIRST_LENGTH)
        self.updates = torch.zeros(seeds, dtype=torch.int64)
        self.left = torch.full((seeds,), UPDATES)  # updates that the learning rate still takes to fall
        self.state: NetState = ()
        self.parity = torch.zeros(seeds, BATCH, 1, dtype=torch.int64)
        order = sequences.sum(1).argsort(stable=True)
        self.extreme = torch.cat([order[:2], order[-2:]]).repeat(BATCH // 16)  # fewest and most ones

    def run(self) -> None:
        """Train until each net has used its updates."""
        while self.left.any() and self.updates.max() < MOST_UPDATES:
            self.update()

    def update(self) -> None:
        """Take a step on new sequences."""
        rows = self._draw()
        logits, end = self.nets(rows, self.state)
        labels = running_parity(rows) ^ self.parity
        counted = torch.arange(logits.shape[2]) < self.lengths[:, None, None]
        losses = F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
        self.optimizer.zero_grad()
        ((losses * counted).sum((1, 2)) / counted.sum((1, 2)) / BATCH).sum().backward()
        self._step()
        right = (((logits > 0) == labels.bool()) | ~counted).all(2)
        self._carry(end, right, labels[..., -1:])
        self._count(right.all(1))

    def _draw(self) -> Tensor:
        """Return sequences for each seed, (seeds, batch, bits), as long as the longest that a net learns now."""
        places = torch.stack([torch.randint(len(self.sequences), (BATCH,), generator=own) for own in self.generators])
        repeats = ~self.searching & (self.updates % MIXED_EVERY > 0)
        tail = places[:, -len(self.extreme) :]
        tail.copy_(torch.where(repeats.unsqueeze(1), self.extreme, tail))
        return self.sequences[places][..., : self.lengths.max()]

    def _step(self) -> None:
        """Apply the gradients: clipped for each net, disturbed while it searches, at its own learning rate."""
        values, gradient = self.nets.values, self.nets.values.grad
        assert gradient is not None
        clip(gradient, LARGEST_NORM)
        for own, generator, searches in zip(gradient, self.generators, self.searching.tolist(), strict=True):
            if searches:  # a seed's draws do not depend on the others'
                own += GRADIENT_NOISE * torch.randn(own.shape, generator=generator)
        before = values.detach().clone()
        self.optimizer.step()
        rates, kept = self.left / UPDATES, 1 - LEARNING_RATE * WEIGHT_DECAY * self.searching
        with torch.no_grad():
            values.copy_(before.lerp(values, rates.unsqueeze(1)) * kept.unsqueeze(1))

    def _carry(self, end: NetState, right: Tensor, labels: Tensor) -> None:
        """Keep the state of right rows in the second half of the batch, with noise; the others start anew."""
        carries = right & ~self.searching[:, None]
        carries[:, : BATCH // 2] = False
        state = []
        for values in end:
            own = values.detach().unflatten(1, (len(self.generators), -1))
            drawn = [torch.rand(own[:, 0].shape, generator=generator) for generator in self.generators]
            moved = own + STATE_NOISE * (2 * torch.stack(drawn, 1) - 1)
            state.append(torch.where(carries.T.unsqueeze(2), moved, 0.0).flatten(1))
        self.state, self.parity = tuple(state), torch.where(carries.unsqueeze(2), labels, 0)

    def _count(self, learnt: Tensor) -> None:
        """Note which nets had a whole batch right: their searches, sequences and learning rates go on from there."""
        bits, going = self.sequences.shape[1], self.left > 0
        self.updates += going
        change = torch.where(learnt, -1, SET_BACK) * ~self.searching
        self.left = torch.where(going, self.left + change, 0).clamp(max=UPDATES)
        self.searching &= ~(learnt & (self.lengths == bits))
        self.lengths = (self.lengths + learnt).clamp(max=bits)
        lasts = self.searching & (self.updates % RESTART_AFTER == 0) & (self.updates < MOST_UPDATES)
        for number in lasts.nonzero().flatten().tolist():
            self.nets.restart(number)
            self.lengths[number] = FIRST_LENGTH


def clip(gradient: Tensor, largest: float) -> None:
    """Scale each net's gradient, a row, down to the norm `largest`."""
    gradient *= (largest / gradient.norm(dim=1, keepdim=True)).clamp(max=1)
