"""`patchline adapt`: teach the sentence encoder how patients speak of warning signs.

The published encoder knows which sentences are about the same thing, and so puts "I had a fever last year" beside "I
have a fever". Low-rank changes to its weights are learnt here from the training sentences, to tell a warning sign that
is there from one that is denied, over, somebody else's or only asked about, and one intent from another. The result is
a file of about a megabyte (patchline/nlu/adapter.safetensors) that every later training uses. It takes ten minutes on
two quiet cores and is needed only when many sentences were added: new sentences count without it, too, in the
classifiers on top. Why: docs/decisions/0007-adapted-encoder.md.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from patchline.nlu import adapter, encoder
from patchline.nlu.encoder_graph import EPSILON, HEADS, LAYERS, WIDTH
from patchline.training import sources

RANK = 16
EPOCHS = 3
BATCH = 32
LEARNING_RATE = 1e-3
HEAD_LEARNING_RATE = 3e-3
WARM_UP = 0.1  # share of the steps in which the learning rate rises; it falls to zero in the rest
DROPOUT = 0.1
MAX_TOKENS = 80
SHARPNESS = 8.0  # length of a sentence vector before the two heads
INTENT_WEIGHT = 0.5  # of the intents beside the warning signs
SEED = 0
ADAPTED = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
RED_FLAG = "red_flag/"
SCALE = 2.0  # of the changes while they are learnt; makes the learning rate fit
BY_RULE = ("several_questions", "spanish")  # recognised by rules, not learnt


@dataclass(frozen=True)
class Sentences:
    """Training sentences as token ids, with intent and whether it is a warning sign."""

    ids: list[list[int]]
    intents: np.ndarray  # int32, index into `names`
    red_flags: np.ndarray  # float32, 0 or 1
    names: list[str]


def adapt(root: Path, say: Callable[[str], None] = print) -> None:
    """Learn from all training sentences under `root` and store the adapter. Raises `ModelError` for a broken file."""
    examples = [(text, intent) for text, intent in sources.sentences(root) if intent not in BY_RULE]
    texts, intents = zip(*examples, strict=True)
    say(f"learning {len(texts):,} sentences of {len(set(intents))} intents")
    changes = learn(read(texts, intents), say)
    learnt_from = hashlib.sha256(
        "\n".join(f"{intent} {text}" for text, intent in sorted(examples)).encode()
    ).hexdigest()
    adapter.write(changes, {"base": encoder.WEIGHTS_SHA256, "sentences": str(len(texts)), "learnt_from": learnt_from})
    say(f"{adapter.ADAPTER.name}: {adapter.ADAPTER.stat().st_size / 1e6:.1f} MB; train now: patchline train")


def read(texts: Sequence[str], labels: Sequence[str]) -> Sentences:
    """Tokenise training sentences with the encoder's own tokenizer."""
    tokenizer = Tokenizer.from_file(str(encoder.weights_folder() / encoder.TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    names = sorted(set(labels))
    return Sentences(
        ids=[item.ids for item in tokenizer.encode_batch(list(texts))],
        intents=np.array([names.index(label) for label in labels], np.int32),
        red_flags=np.array([label.startswith(RED_FLAG) for label in labels], np.float32),
        names=names,
    )


def learn(sentences: Sentences, say: Callable[[str], None] = print) -> dict[str, np.ndarray]:
    """The low-rank changes. Says every few seconds how far it is."""
    import tensorflow as tf  # ten seconds, so only here

    tf.keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    network = _Network(tf, load_file(encoder.weights_folder() / "model.safetensors"), len(sentences.names))
    steps = EPOCHS * len(list(batches(sentences.ids, rng)))
    optimizers = [tf.keras.optimizers.AdamW(rate, weight_decay=0.01) for rate in (LEARNING_RATE, HEAD_LEARNING_RATE)]
    for optimizer, variables in zip(optimizers, (network.changes, network.heads), strict=True):
        optimizer.build(variables)

    @tf.function(
        autograph=False,
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32), tf.TensorSpec([None])],
    )
    def step(ids, intents, red_flags):
        with tf.GradientTape() as tape:
            loss = network.loss(ids, intents, red_flags)
        found = tape.gradient(loss, [*network.changes, *network.heads])
        optimizers[0].apply_gradients(zip(found[: len(network.changes)], network.changes, strict=True))
        optimizers[1].apply_gradients(zip(found[len(network.changes) :], network.heads, strict=True))
        return loss

    started = said = time.monotonic()
    number, recent = 0, []
    for _ in range(EPOCHS):
        for rows in batches(sentences.ids, rng):
            for optimizer, rate in zip(optimizers, (LEARNING_RATE, HEAD_LEARNING_RATE), strict=True):
                optimizer.learning_rate = rate * rate_at(number, steps)
            loss = step(
                padded([sentences.ids[row] for row in rows]), sentences.intents[rows], sentences.red_flags[rows]
            )
            number, recent = number + 1, [*recent[-49:], float(loss)]
            if time.monotonic() - said > 10 or number == steps:
                said = time.monotonic()
                left = (said - started) / number * (steps - number) / 60
                say(f"  step {number} of {steps}, loss {np.mean(recent):.3f}, about {left:.0f} min left")
    scales = {adapter.DOWN: 1.0, adapter.UP: SCALE}
    names = (variable.name.removesuffix(":0") for variable in network.changes)
    return {
        name: scales[name[name.rindex(".") :]] * value.numpy()
        for name, value in zip(names, network.changes, strict=True)
    }


def batches(ids: Sequence[Sequence[int]], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Rows of sentences of like length, in random order, so that little is padded."""
    order = np.argsort([len(item) + 3 * rng.random() for item in ids])
    rows = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    rng.shuffle(rows)
    yield from rows


def padded(ids: Sequence[Sequence[int]]) -> np.ndarray:
    """Token ids as one int32 array; 0 is BERT's padding."""
    rows = np.zeros((len(ids), max(map(len, ids))), np.int32)
    for row, item in zip(rows, ids, strict=True):
        row[: len(item)] = item
    return rows


def rate_at(step: int, steps: int) -> float:
    """Share of the learning rate: up to one in the first tenth of the steps and down to zero, each as half a cosine.

    >>> rate_at(0, 100), rate_at(10, 100)
    (0.0, 1.0)
    """
    warm = max(1, int(WARM_UP * steps))
    done = step / warm if step < warm else 1 - (step - warm) / max(1, steps - warm)
    return float((1 - np.cos(np.pi * done)) / 2)


class _Network:
    """BERT's six layers with low-rank changes, and a linear head for each of the two questions."""

    def __init__(self, tf, weights: dict[str, np.ndarray], intents: int) -> None:
        self.tf = tf
        self._fixed = {name: tf.constant(value.astype(np.float32)) for name, value in weights.items() if value.ndim}
        self.changes, self._change = [], {}
        for number in range(LAYERS):
            for part in ADAPTED:
                name = f"encoder.layer.{number}.{part}.weight"
                out, width = weights[name].shape
                down = tf.random.normal([RANK, width], stddev=width**-0.5)
                pair = (
                    tf.Variable(down, name=name + adapter.DOWN),
                    tf.Variable(tf.zeros([out, RANK]), name=name + adapter.UP),
                )
                self._change[name] = pair
                self.changes += pair
        self._red_flag = tf.Variable(tf.zeros([WIDTH, 1])), tf.Variable(tf.zeros([1]))
        self._intent = tf.Variable(tf.zeros([WIDTH, intents])), tf.Variable(tf.zeros([intents]))
        self.heads = [*self._red_flag, *self._intent]

    def loss(self, ids, intents, red_flags):
        tf = self.tf
        vectors = self.vectors(ids, DROPOUT) * SHARPNESS
        sign = tf.nn.sigmoid_cross_entropy_with_logits(
            red_flags * 0.96 + 0.02, tf.squeeze(vectors @ self._red_flag[0] + self._red_flag[1], 1)
        )
        count = self._intent[1].shape[0]
        wanted = tf.one_hot(intents, count, 0.95 + 0.05 / count, 0.05 / count)
        intent = tf.nn.softmax_cross_entropy_with_logits(wanted, vectors @ self._intent[0] + self._intent[1])
        return tf.reduce_mean(sign) + INTENT_WEIGHT * tf.reduce_mean(intent)

    def vectors(self, ids, dropout: float = 0.0):
        """Unit vectors (sentences, 384) of padded token ids: the mean over the tokens of the last layer."""
        tf, fixed = self.tf, self._fixed
        mask = tf.cast(ids != 0, tf.float32)
        hidden = tf.gather(fixed["embeddings.word_embeddings.weight"], ids)
        hidden += fixed["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
        hidden = self._normalise(hidden + fixed["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        hidden = tf.nn.dropout(hidden, dropout)
        for number in range(LAYERS):
            hidden = self._layer(hidden, mask, f"encoder.layer.{number}.", dropout)
        mean = tf.reduce_sum(hidden * mask[:, :, None], 1) / tf.reduce_sum(mask, 1)[:, None]
        return tf.math.l2_normalize(mean, 1)

    def _layer(self, hidden, mask, prefix: str, dropout: float):
        tf = self.tf
        query, key, value = (
            self._heads(self._dense(hidden, f"{prefix}attention.self.{part}")) for part in ("query", "key", "value")
        )
        scores = tf.matmul(query, key, transpose_b=True) * (WIDTH // HEADS) ** -0.5
        weights = tf.nn.dropout(tf.nn.softmax(scores + (mask[:, None, None, :] - 1) * 1e9), dropout)
        shape = tf.shape(hidden)
        seen = tf.reshape(tf.transpose(weights @ value, [0, 2, 1, 3]), shape)
        seen = tf.nn.dropout(self._dense(seen, f"{prefix}attention.output.dense"), dropout)
        hidden = self._normalise(hidden + seen, f"{prefix}attention.output.LayerNorm")
        wide = tf.nn.gelu(self._dense(hidden, f"{prefix}intermediate.dense"))
        narrow = tf.nn.dropout(self._dense(wide, f"{prefix}output.dense"), dropout)
        return self._normalise(hidden + narrow, f"{prefix}output.LayerNorm")

    def _heads(self, values):
        tf = self.tf
        shape = tf.shape(values)
        return tf.transpose(tf.reshape(values, [shape[0], shape[1], HEADS, WIDTH // HEADS]), [0, 2, 1, 3])

    def _dense(self, values, name: str):
        tf, weight = self.tf, f"{name}.weight"
        down, up = self._change[weight]
        flat = tf.reshape(values, [-1, values.shape[-1]])
        out = tf.matmul(flat, self._fixed[weight], transpose_b=True) + self._fixed[f"{name}.bias"]
        out += SCALE * tf.matmul(tf.matmul(flat, down, transpose_b=True), up, transpose_b=True)
        return tf.reshape(out, tf.concat([tf.shape(values)[:-1], [out.shape[-1]]], 0))

    def _normalise(self, values, name: str):
        tf = self.tf
        mean, variance = tf.nn.moments(values, -1, keepdims=True)
        return (values - mean) * tf.math.rsqrt(variance + EPSILON) * self._fixed[f"{name}.weight"] + self._fixed[
            f"{name}.bias"
        ]
