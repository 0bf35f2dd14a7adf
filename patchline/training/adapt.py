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
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from patchline.nlu import adapter, encoder
from patchline.nlu.encoder_graph import EPSILON, HEADS, LAYERS, WIDTH
from patchline.nlu.heads import SHARPNESS, SIGN_HEAD, TOPIC_HEAD, Head
from patchline.nlu.labels import NOT_LEARNT, SIGNS, is_topic, sign_shares
from patchline.training import sources

RANK = 24
EPOCHS = 4
BATCH = 128
LEARNING_RATE = 1.5e-3
HEAD_LEARNING_RATE = 5e-3
WARM_UP = 0.1  # share of the steps in which the learning rate rises; it falls to zero in the rest
DROPOUT = 0.1
MAX_TOKENS = 80
INTENT_WEIGHT = 0.7  # of the intents beside the warning signs
SMOOTHING = 0.05  # share of a label that goes to all others, so that nothing is learnt with certainty
SEED = 0
ADAPTED = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
SCALE = 2.0  # of the changes while they are learnt; makes the learning rate fit
FILLERS = ("so", "well", "and", "also", "um", "oh", "ok", "but", "like", "just")
ENDINGS = ("tho", "lol", "period", "please", "thanks", "though", "...", "?", "!!")


@dataclass(frozen=True)
class Sentences:
    """Training sentences with what each head learns of them.

    `signs` float32 (sentences, 4): how much of each of `SIGNS` a sentence is. `topics` int32: index into `names`, -1
    for a sentence that teaches no topic.
    """

    texts: list[str]
    signs: np.ndarray
    topics: np.ndarray
    names: list[str]


def adapt(root: Path, say: Callable[[str], None] = print) -> None:
    """Learn from all training sentences under `root` and store the adapter. Raises `ModelError` for a broken file."""
    examples = [(text, intent) for text, intent in sources.sentences(root) if intent not in NOT_LEARNT]
    texts, intents = zip(*examples, strict=True)
    say(f"learning {len(texts):,} sentences of {len(set(intents))} intents")
    learnt = learn(read(texts, intents), say)
    learnt_from = hashlib.sha256(
        "\n".join(f"{intent} {text}" for text, intent in sorted(examples)).encode()
    ).hexdigest()
    about = {"base": encoder.WEIGHTS_SHA256, "sentences": str(len(texts)), "learnt_from": learnt_from}
    adapter.write(learnt.changes, learnt.heads, about)
    say(f"{adapter.ADAPTER.name}: {adapter.ADAPTER.stat().st_size / 1e6:.1f} MB; train now: patchline train")


def read(texts: Sequence[str], intents: Sequence[str]) -> Sentences:
    """What the two heads learn of training sentences and their intents."""
    names = sorted({intent for intent in intents if is_topic(intent)})
    return Sentences(
        texts=list(texts),
        signs=np.array([sign_shares(intent) for intent in intents], np.float32),
        topics=np.array([names.index(intent) if is_topic(intent) else -1 for intent in intents], np.int32),
        names=names,
    )


@dataclass(frozen=True)
class Learnt:
    """The low-rank changes by name, and the two heads."""

    changes: dict[str, np.ndarray]
    heads: dict[str, Head]


def learn(sentences: Sentences, say: Callable[[str], None] = print, epochs: int = EPOCHS) -> Learnt:
    """The low-rank changes and the heads on top. Says every few seconds how far it is."""
    import tensorflow as tf  # ten seconds, so only here

    tf.keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    tokenizer = Tokenizer.from_file(str(encoder.weights_folder() / encoder.TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    network = _Network(tf, load_file(encoder.weights_folder() / "model.safetensors"), len(sentences.names))
    lengths = [len(item.ids) for item in tokenizer.encode_batch(sentences.texts)]
    steps = epochs * len(list(batches(lengths, rng)))
    optimizers = [tf.keras.optimizers.AdamW(rate, weight_decay=0.01) for rate in (LEARNING_RATE, HEAD_LEARNING_RATE)]
    for optimizer, variables in zip(optimizers, (network.changes, network.heads), strict=True):
        optimizer.build(variables)

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None, len(SIGNS)]),
            tf.TensorSpec([None], tf.int32),
        ],
    )
    def step(ids, signs, topics):
        with tf.GradientTape() as tape:
            loss = network.loss(ids, signs, topics)
        found = tape.gradient(loss, [*network.changes, *network.heads])
        optimizers[0].apply_gradients(zip(found[: len(network.changes)], network.changes, strict=True))
        optimizers[1].apply_gradients(zip(found[len(network.changes) :], network.heads, strict=True))
        return loss

    started = said = time.monotonic()
    number = 0
    recent: list[float] = []
    for _ in range(epochs):
        for rows in batches(lengths, rng):
            for optimizer, rate in zip(optimizers, (LEARNING_RATE, HEAD_LEARNING_RATE), strict=True):
                optimizer.learning_rate = rate * rate_at(number, steps)
            written = [roughened(sentences.texts[row], rng) for row in rows]
            ids = padded([item.ids for item in tokenizer.encode_batch(written)])
            loss = step(ids, sentences.signs[rows], sentences.topics[rows])
            number, recent = number + 1, [*recent[-49:], float(loss)]
            if time.monotonic() - said > 10 or number == steps:
                said = time.monotonic()
                left = (said - started) / number * (steps - number) / 60
                say(f"  step {number} of {steps}, loss {np.mean(recent):.3f}, about {left:.0f} min left")
    return network.learnt(sentences.names)


def roughened(text: str, rng: np.random.Generator) -> str:
    """A sentence as somebody else might have typed it: now and then a slip, no mark at the end, a filler around it."""
    if rng.random() < 0.2:
        text = text.rstrip(" .!?") or text
    if rng.random() < 0.15:
        text = slip(text, rng)
    if rng.random() < 0.1:
        text = f"{rng.choice(FILLERS)} {text}"
    if rng.random() < 0.05:
        text = f"{text} {rng.choice(ENDINGS)}"
    return text


def slip(text: str, rng: np.random.Generator) -> str:
    """One slip of the thumb in a word of four letters or more: a letter left out, doubled, or in the other's place."""
    words = text.split(" ")
    longer = [index for index, word in enumerate(words) if len(word) > 3]
    if not longer:
        return text
    index = int(rng.choice(longer))
    word = words[index]
    at = int(rng.integers(1, len(word) - 1))
    kind = rng.integers(3)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[index] = (swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])[kind]
    return " ".join(words)


def batches(lengths: Sequence[int], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Rows of sentences of like length, in random order, so that little is padded."""
    order = np.argsort(np.array(lengths) + 3 * rng.random(len(lengths)))
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

    def __init__(self, tf, weights: dict[str, np.ndarray], topics: int) -> None:
        self.tf = tf
        self._half = tf.bfloat16 if knows_half_precision() else tf.float32  # of products of matrices, nothing else
        self._fixed = {name: tf.constant(value.astype(np.float32)) for name, value in weights.items() if value.ndim}
        self._halved = {
            name: tf.cast(self._fixed[name], self._half)
            for name in self._fixed
            if name.endswith("dense.weight") or ".self." in name
        }
        self.changes: list[Any] = []
        self._change: dict[str, Any] = {}
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
        self._sign = tf.Variable(tf.zeros([WIDTH, len(SIGNS)])), tf.Variable(tf.zeros([len(SIGNS)]))
        self._topic = tf.Variable(tf.zeros([WIDTH, topics])), tf.Variable(tf.zeros([topics]))
        self.heads = [*self._sign, *self._topic]

    def loss(self, ids, signs, topics):
        tf = self.tf
        vectors = self.vectors(ids, DROPOUT) * SHARPNESS
        wanted = signs * (1 - SMOOTHING) + SMOOTHING / len(SIGNS)
        sign = tf.nn.softmax_cross_entropy_with_logits(wanted, vectors @ self._sign[0] + self._sign[1])
        count = self._topic[1].shape[0]
        teaches = tf.cast(topics >= 0, tf.float32)
        wanted = tf.one_hot(tf.maximum(topics, 0), count, 1 - SMOOTHING + SMOOTHING / count, SMOOTHING / count)
        topic = tf.nn.softmax_cross_entropy_with_logits(wanted, vectors @ self._topic[0] + self._topic[1])
        return tf.reduce_mean(sign) + INTENT_WEIGHT * tf.reduce_mean(topic * teaches)

    def learnt(self, names: list[str]) -> Learnt:
        scales = {adapter.DOWN: 1.0, adapter.UP: SCALE}
        changes = {variable.name.removesuffix(":0"): variable.numpy() for variable in self.changes}
        return Learnt(
            {name: scales[name[name.rindex(".") :]] * value for name, value in changes.items()},
            {
                SIGN_HEAD: Head(list(SIGNS), *(item.numpy() for item in self._sign)),
                TOPIC_HEAD: Head(names, *(item.numpy() for item in self._topic)),
            },
        )

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
        weights = tf.nn.softmax(scores + (mask[:, None, None, :] - 1) * 1e9)
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
        flat = tf.cast(tf.reshape(values, [-1, values.shape[-1]]), self._half)
        down, up = (tf.cast(item, self._half) for item in (down, up))
        out = tf.matmul(flat, self._halved[weight], transpose_b=True)
        out += SCALE * tf.matmul(tf.matmul(flat, down, transpose_b=True), up, transpose_b=True)
        out = tf.cast(out, tf.float32) + self._fixed[f"{name}.bias"]
        return tf.reshape(out, tf.concat([tf.shape(values)[:-1], [out.shape[-1]]], 0))

    def _normalise(self, values, name: str):
        tf = self.tf
        mean, variance = tf.nn.moments(values, -1, keepdims=True)
        return (values - mean) * tf.math.rsqrt(variance + EPSILON) * self._fixed[f"{name}.weight"] + self._fixed[
            f"{name}.bias"
        ]


def knows_half_precision() -> bool:
    """Whether this machine multiplies matrices of bfloat16 quickly (about three times faster than float32)."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
