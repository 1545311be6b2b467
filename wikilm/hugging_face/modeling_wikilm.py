"""A recurrent language model of wikilm in plain torch, for transformers.

    model = AutoModelForCausalLM.from_pretrained(FOLDER, trust_remote_code=True)

Between the tokens that it has read and the next one it knows its `state` alone, one row of numbers. So `generate` takes
the same time for each token, and a text can be read in parts: `model(first).state` goes to `model(second, state=...)`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
import transformers
from torch import Tensor, nn
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.generation.utils import ALL_CACHE_NAMES
from transformers.utils import ModelOutput

from models.recurrent.units import Functions, Unit, unit_of

if int(transformers.__version__.partition(".")[0]) < 5:
    raise ImportError(f"this model needs transformers 5.0 or newer, and {transformers.__version__} is installed")
START_ID, END_ID = 0, 1
STATE_NAME = ALL_CACHE_NAMES[0]  # by which `generate` hands the state from token to token, and from beam to beam


class WikilmConfig(PretrainedConfig):
    """The sizes of a network and the `unit` of its layers, a mapping of its `kind` and its settings.

    `cutoffs` are the numbers of tokens before each cluster of an adaptive softmax; an exact one has none. `ngrams` are
    the numbers of n-grams that the network has beside it, the shortest first, or none; `end_fraction` is the share of
    sentences whose end it was to predict.
    """

    model_type = "wikilm"

    def __init__(
        self,
        vocab_size: int = 3,
        unit: Mapping[str, Any] | None = None,
        embedding_size: int = 1,
        hidden_sizes: Sequence[int] = (),
        cutoffs: Sequence[int] = (),
        learn_initial_state: bool = False,
        ngrams: Sequence[int] = (),
        end_fraction: float = 1.0,
        **others: Any,
    ) -> None:
        self.vocab_size, self.unit = vocab_size, unit
        self.embedding_size, self.hidden_sizes = embedding_size, [*hidden_sizes]
        self.cutoffs, self.learn_initial_state = [*cutoffs], learn_initial_state
        self.ngrams, self.end_fraction = [*ngrams], end_fraction
        super().__init__(**others)


class StepInTorch(Functions):
    """What a unit's step is made of, in torch. Values are (batch, their number)."""

    def __init__(self, unit: Unit, size: int, weights: Mapping[str, Tensor]) -> None:
        self.gates, self.size, self.weights = unit.gates, size, weights

    def parameter(self, name: str, first: int = 0, end: int | None = None) -> Tensor:
        return self.weights[name][self._rows(first, end)]

    def product(self, name: str, values: Tensor, first: int = 0, end: int | None = None) -> Tensor:
        return values @ self.parameter(name, first, end).T

    def split(self, values: Tensor, *sizes: int) -> Sequence[Tensor]:
        parts: Sequence[Tensor] = values.split([n * self.size for n in sizes] if sizes else self.size, 1)
        return parts

    def act(self, activation: str, values: Tensor) -> Tensor:
        found: Tensor = getattr(torch, activation)(values)
        return found


class WikilmLayer(nn.Module):
    """A recurrent layer: its unit's step, at each token with the same parameters."""

    def __init__(self, unit: Unit, inputs: int, size: int, *, learn_initial_state: bool) -> None:
        super().__init__()
        self.unit, self.size = unit, size
        for name, shape in unit.shapes(inputs, size).items():
            parameter = nn.Parameter(torch.zeros(shape) if len(shape) == 1 else torch.randn(shape) * size**-0.5)
            group, _, number = name.rpartition(".")
            if number == "0":
                self.add_module(group, nn.ParameterList())
            self.get_submodule(group).register_parameter(number, parameter)
        self.initial = nn.Parameter(torch.zeros(unit.states, size)) if learn_initial_state else None

    def initial_state(self, like: Tensor) -> Tensor:
        """Return the state before a text for each row of a tensor: (rows, states of the unit times size)."""
        initial = like.new_zeros(self.unit.states, self.size) if self.initial is None else self.initial
        return initial.flatten().expand(len(like), -1)

    def forward(self, inputs: Tensor, state: Tensor, read: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the hidden values after each token (batch, time, size) and the last state.

        A token that is not to be `read` (batch, time) leaves the state as it is.
        """
        f, outputs = StepInTorch(self.unit, self.size, dict(self.named_parameters())), []
        for at, x in enumerate(inputs.unbind(1)):
            after = torch.cat(self.unit.step(f, x, *state.split(self.size, 1)), 1)
            state = after if read is None else torch.where(read[:, at, None], after, state)
            outputs.append(state[:, : self.size])
        return torch.stack(outputs, 1), state


class WikilmSoftmax(nn.Linear):
    """An exact or adaptive softmax over all tokens (Grave et al. 2017); a call returns logits (..., tokens).

    The adaptive one predicts a frequent token, the last token, or a cluster, and then a token within the cluster.
    """

    def __init__(self, size: int, tokens: int, cutoffs: Sequence[int]) -> None:
        super().__init__(size, tokens)
        self.clusters = nn.Linear(size, len(cutoffs)) if cutoffs else None
        self.sizes = [end - start for start, end in pairwise([0, *cutoffs, tokens - 1, tokens])]

    def forward(self, hidden: Tensor) -> Tensor:
        """Return logits whose softmax are the probabilities of all tokens."""
        logits = super().forward(hidden)
        if self.clusters is None:
            return logits
        frequent, *rare, last = logits.split(self.sizes, -1)
        chances = self.clusters(hidden).split(1, -1)
        within = [chance + own.log_softmax(-1) for chance, own in zip(chances, rare, strict=True)]
        return torch.cat([frequent, *within, last], -1)


class NGramsOfLength(nn.Module):
    """N-grams of one length: the probability of each one's last token, and the weight of each context.

    A key is the number of a context, which is an n-gram one token shorter, and a token, in one integer; keys ascend.
    """

    def __init__(self, contexts: int, number: int) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(number, dtype=torch.int64))
        self.register_buffer("probabilities", torch.zeros(number))
        self.register_buffer("weights", torch.zeros(contexts))


class InterpolatedNGrams(nn.Module):
    """Interpolated n-grams: after a context a token has the probability of the longest n-gram that is there.

    The weights of the longer contexts, which have not seen the token, multiply it. Contexts (..., order - 1) are the
    numbers of the n-grams that end at a token, the shortest first; -1 is one that is not there.
    """

    def __init__(self, numbers: Sequence[int], end_fraction: float) -> None:
        super().__init__()
        self.lengths = nn.ModuleList(NGramsOfLength(*sizes) for sizes in pairwise([1, *numbers]))
        self.bits, self.end_fraction = (numbers[0] - 1).bit_length(), end_fraction

    def read(self, ids: Tensor, history: Tensor, read: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the contexts after each token (batch, time, order - 1) and the last order - 1 tokens.

        `history` are those before the text. What is not to be `read` is put behind all else for a while.
        """
        counts, width = torch.full_like(ids[:, :1], ids.shape[1]), history.shape[1]
        order = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        if read is not None:
            counts, order = read.sum(1, keepdim=True), read.int().argsort(dim=1, descending=True, stable=True)
        text = torch.cat([history, ids.gather(1, order)], 1)
        found = [text]
        for own in list(self.lengths)[1:-1]:
            found.append(self._find(own, nn.functional.pad(found[-1][:, :-1], (1, 0), value=-1), text))
        contexts = torch.stack(found, 2)[:, width:, :width]
        last = text.gather(1, counts + torch.arange(width, device=ids.device))
        return contexts.gather(1, order.argsort(1)[..., None].expand_as(contexts)), last

    def _find(self, own: Any, contexts: Tensor, tokens: Tensor) -> Tensor:
        """Return the numbers of the n-grams of a length that have these contexts and last tokens, or -1."""
        if not len(own.keys):
            return torch.full_like(tokens, -1)
        keys = contexts.clamp(min=0) << self.bits | tokens
        at = torch.searchsorted(own.keys, keys).clamp(max=len(own.keys) - 1)
        return torch.where((contexts >= 0) & (own.keys[at] == keys), at, -1)

    def forward(self, contexts: Tensor) -> Tensor:
        """Return the probabilities of all tokens (n, tokens) after contexts (n, order - 1)."""
        lengths: list[Any] = [*self.lengths]
        single, *longer = lengths
        # What a length says of a token counts as much as the longer contexts, which have not seen it, leave to it.
        left = [single.probabilities.new_ones(len(contexts), 1)]
        for own, numbers in zip(reversed(longer), reversed(contexts.unbind(1)), strict=True):
            weights = own.weights[numbers.clamp(min=0), None]
            left.append(left[-1] * torch.where(numbers[:, None] >= 0, weights, 1))
        found: Tensor = left[-1] * single.probabilities
        for own, numbers, share in zip(longer, contexts.unbind(1), reversed(left[:-1]), strict=True):
            rows = (numbers >= 0).nonzero()[:, 0]
            first, end = (torch.searchsorted(own.keys, (numbers[rows] + more) << self.bits) for more in (0, 1))
            sizes = end - first
            at = torch.arange(int(sizes.sum()), device=rows.device)
            at += (first - sizes.cumsum(0) + sizes).repeat_interleave(sizes)
            rows = rows.repeat_interleave(sizes)
            tokens = own.keys[at] & ((1 << self.bits) - 1)
            found[rows, tokens] = own.probabilities[at] * share[rows, 0]
        ends = found[:, [END_ID]]
        found[:, [END_ID]] = ends * self.end_fraction
        return found / (1 - (1 - self.end_fraction) * ends)


@dataclasses.dataclass
class WikilmOutput(ModelOutput):
    """The mean cross-entropy of `labels` in nats, the logits (batch, time, tokens), and the state (batch, numbers).

    With `output_hidden_states` also the values that each layer, and before them the embedding, gives at each token.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    state: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None


class WikilmForCausalLM(PreTrainedModel, GenerationMixin):
    """Embedding, recurrent layers, softmax: the logits at each token are those of the next one."""

    config_class = WikilmConfig
    _tied_weights_keys: ClassVar = {"output.weight": "embedding.weight"}  # with `tie_word_embeddings`
    _no_split_modules: ClassVar = ["WikilmLayer"]
    _is_stateful = True  # `generate` cannot take tokens back

    def __init__(self, config: WikilmConfig) -> None:
        super().__init__(config)
        unit, sizes = unit_of(config.unit or "gru"), [config.embedding_size, *config.hidden_sizes]
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.recurrent: Any = nn.Module()  # which names the weights as wikilm does
        self.recurrent.layers = nn.ModuleList(
            WikilmLayer(unit, below, size, learn_initial_state=config.learn_initial_state)
            for below, size in pairwise(sizes)
        )
        self.output = WikilmSoftmax(sizes[-1], config.vocab_size, config.cutoffs)
        self.ngrams: Any = InterpolatedNGrams(config.ngrams, config.end_fraction) if config.ngrams else None
        self.gate: Any = nn.Linear(sizes[-1], 1) if config.ngrams else None
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        state: Tensor | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = True,
        output_hidden_states: bool = False,
        logits_to_keep: int = 0,
        **kwargs: Any,
    ) -> WikilmOutput:
        """Read tokens (batch, time), those with an attention of 0 excepted, from a state on or from the first one.

        `labels` are the tokens themselves, as transformers has them: each is predicted from those before it.
        """
        values, read = [self.embedding(input_ids)], None
        if attention_mask is not None:
            read = attention_mask[:, -input_ids.shape[1] :].bool()
        layers, history = self.recurrent.layers, max(0, len(self.config.ngrams) - 1)  # tokens that n-grams look back at
        if state is None:
            starts = values[0].new_full((len(input_ids), history), START_ID)
            state = torch.cat([*(layer.initial_state(starts) for layer in layers), starts], 1)
        before, after = state.split([*(layer.unit.states * layer.size for layer in layers), history], 1), []
        for layer, own in zip(layers, before[:-1], strict=True):
            hidden, end = layer(values[-1], own.to(values[0]), read)
            values.append(hidden)
            after.append(end)
        kept = values[-1][:, -logits_to_keep:]
        logits = self.output(kept)
        if self.ngrams is not None:
            ids = torch.where(input_ids == self.config.bos_token_id, START_ID, input_ids)
            contexts, last = self.ngrams.read(ids, before[-1].long(), read)
            after.append(last.float())  # exact, as bfloat16 would not be
            logits = self._mixed(logits, self.gate(kept), contexts[:, -logits_to_keep:])
        return WikilmOutput(
            loss=None if labels is None else self.loss_function(logits, labels, self.config.vocab_size, **kwargs),
            logits=logits,
            state=None if use_cache is False else torch.cat(after, 1),
            hidden_states=tuple(values) if output_hidden_states else None,
        )

    def _mixed(self, logits: Tensor, gate: Tensor, contexts: Tensor) -> Tensor:
        """Return the log of g q + (1 - g) p: the n-grams' probabilities q and the softmax's p, weighed by the gate."""
        share = gate.sigmoid()
        counted: Tensor = self.ngrams(contexts.flatten(0, 1)).view_as(logits).to(logits)
        return (share * counted + (1 - share) * logits.softmax(-1)).log()

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding

    def get_output_embeddings(self) -> nn.Module:
        return self.output

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, state: Tensor | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return what `forward` takes: the whole prompt and a state before it, if given; then the last token alone."""
        known = ("attention_mask", "use_cache", "output_hidden_states", "logits_to_keep")
        own = {name: kwargs[name] for name in known if name in kwargs}
        if STATE_NAME in kwargs:
            return own | {"input_ids": input_ids[:, -1:], "state": kwargs[STATE_NAME]}
        return own | {"input_ids": input_ids, "state": state}

    def _update_model_kwargs_for_generation(self, outputs: WikilmOutput, kept: dict[str, Any], **settings: Any) -> Any:
        kept = super()._update_model_kwargs_for_generation(outputs, kept, **settings)
        return kept if outputs.state is None else kept | {STATE_NAME: outputs.state}

    def _reorder_cache(self, state: Tensor, beams: Tensor) -> Tensor:
        return state.index_select(0, beams)

    @classmethod
    def _supports_default_dynamic_cache(cls) -> bool:
        return False
