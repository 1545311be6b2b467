"""Two ways for a language model to use the text that it has just read: dynamic evaluation and a neural cache."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from models.language_model import LanguageModel
from models.losses import SampledSoftmax, Softmax

EPSILON = 1.0  # of the mean RMS; much less lets weights whose gradients are mostly zero take huge steps


class DynamicEvaluation:
    """Updates the weights of a model after each segment of a text (Krause, Kahembwe, Murray and Renals 2018).

    The paper's RMS rule, for a weight w with the gradient g:

        w <- w - learning_rate * g / (rms + epsilon) + decay * rms / mean(rms) * (w0 - w)

    `rms` is `gradient_rms` of the training text, its mean is over all weights, and w0 is the weight before the text;
    the step back to w0 never overshoots. Weights without `rms` do not change. A context manager that restores every w0.
    """

    def __init__(self, model: LanguageModel, rms: Mapping[str, Tensor], *, learning_rate: float, decay: float) -> None:
        self.model = model
        named = dict(model.named_parameters())
        self.weights = [named[name] for name in rms]
        values = [value.to(weight) for value, weight in zip(rms.values(), self.weights, strict=True)]
        mean = sum(float(value.sum()) for value in values) / sum(value.numel() for value in values)
        self.rates = [learning_rate / (value + EPSILON * mean) for value in values]
        self.returns = [(value * (decay / mean)).clamp_(max=1) for value in values]
        self.before = [weight.detach().clone() for weight in self.weights]

    def __enter__(self) -> "DynamicEvaluation":
        return self

    @torch.no_grad()
    def __exit__(self, *error: object) -> None:
        for weight, before in zip(self.weights, self.before, strict=True):
            weight.copy_(before)

    def update(self, hidden: Tensor, targets: Tensor) -> None:
        """Update the weights after a segment; `hidden` are the `contexts` of its `targets`, with their graph."""
        found = gradients(self.model, hidden, targets, self.weights)
        with torch.no_grad():
            each = zip(self.weights, self.before, self.returns, self.rates, found, strict=True)
            for weight, before, back, rate, gradient in each:
                weight.lerp_(before, back).addcmul_(gradient, rate, value=-1)


def gradient_rms(model: LanguageModel, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    """Return the root mean square over `batches` of the gradient of each trained weight, by the weight's name.

    A batch is its `contexts`, with their graph, and its targets.
    """
    named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    squares = {name: torch.zeros_like(weight) for name, weight in named.items()}
    count = 0
    for hidden, targets in batches:
        count += 1
        found = gradients(model, hidden, targets, list(named.values()))
        for square, gradient in zip(squares.values(), found, strict=True):
            square.addcmul_(gradient, gradient)
    return {name: (square / count).sqrt_() for name, square in squares.items()}


def gradients(model: LanguageModel, hidden: Tensor, targets: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the gradients of the mean cross-entropy, in nats, of the `targets` with their contexts `hidden`.

    A model that was trained with a sampled softmax predicts with the full one, so that is the one here.
    """
    output = model.output
    loss = Softmax.loss(output, hidden, targets) if isinstance(output, SampledSoftmax) else output.loss(hidden, targets)
    return torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)


class NeuralCache:
    """Predicts that words of the recent text occur again (Grave, Joulin and Usunier 2017).

    A word's probability is proportional to the sum of exp(theta * h . h_i) over the places i, among the last `size`, at
    which it occurred; h and h_i are the hidden values that predict now and that predicted there. Computed for each of
    the `sizes` and `thetas`. Holds the hidden values of as many places as the largest size, and the products of a block
    with them.
    """

    def __init__(self, sizes: Sequence[int], thetas: Sequence[float]) -> None:
        self.sizes, self.thetas = sizes, thetas
        self.past: tuple[Tensor, Tensor] | None = None

    def read(self, hidden: Tensor, words: Tensor) -> Tensor:
        """Return the probabilities of the text's next `words` (n,), which `hidden` (n, hidden size) predict.

        They are (sizes, thetas, n). Each is of the places before its word alone, those of this block among them; nan
        at the first place of all.
        """
        all_hidden, all_words = hidden, words
        if self.past is not None:
            all_hidden, all_words = torch.cat([self.past[0], hidden]), torch.cat([self.past[1], words])
        places = torch.arange(len(all_words), device=words.device)
        age = places[len(all_words) - len(words) :, None] - places
        products, same = hidden @ all_hidden.t(), words[:, None] == all_words
        found = hidden.new_empty(len(self.sizes), len(self.thetas), len(words))
        for row, size in enumerate(self.sizes):
            outside = (age < 1) | (age > size)
            for column, theta in enumerate(self.thetas):
                weights = (products * theta).masked_fill_(outside, -torch.inf).softmax(1)
                found[row, column] = (weights * same).sum(1)
        held = max(self.sizes)
        self.past = all_hidden[-held:], all_words[-held:]
        return found
