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
STATE_NAME = ALL_CACHE_NAMES[
    0
]  # the name by which `generate` hands the state from token to token, and from beam to beam


class WikilmConfig(PretrainedConfig):
    """The sizes of a network and the `unit` of its layers, a mapping of its `kind` and its settings.

    `cutoffs` are the numbers of tokens before each cluster of an adaptive softmax; an exact one has none.
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
        **others: Any,
    ) -> None:
        self.vocab_size, self.unit = vocab_size, unit
        self.embedding_size, self.hidden_sizes = embedding_size, [*hidden_sizes]
        self.cutoffs, self.learn_initial_state = [*cutoffs], learn_initial_state
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
        if state is None:
            state = torch.cat([layer.initial_state(values[0][:, 0]) for layer in self.recurrent.layers], 1)
        before, after = state.split([layer.unit.states * layer.size for layer in self.recurrent.layers], 1), []
        for layer, own in zip(self.recurrent.layers, before, strict=True):
            hidden, end = layer(values[-1], own, read)
            values.append(hidden)
            after.append(end)
        logits = self.output(values[-1][:, -logits_to_keep:])
        return WikilmOutput(
            loss=None if labels is None else self.loss_function(logits, labels, self.config.vocab_size, **kwargs),
            logits=logits,
            state=None if use_cache is False else torch.cat(after, 1),
            hidden_states=tuple(values) if output_hidden_states else None,
        )

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
