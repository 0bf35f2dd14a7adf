"""The product's sentence encoder, as it is published, with logistic regression: no TF-IDF, no neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.peers import InProcess, Options
from evaluation.peers.sparse import best_of

ABOUT = "all-MiniLM-L6-v2 int8, logistic regression; score = the likeliest topic's probability"


def version() -> str:
    import onnxruntime
    import sklearn

    from patchline.nlu import encoder

    return (
        f"scikit-learn {sklearn.__version__}, onnxruntime {onnxruntime.__version__}, "
        f"weights {encoder.WEIGHTS_SHA256[:12]}, graph {encoder.graph_version(adapted=False)}"
    )


def train(texts: Sequence[str], labels: Sequence[str], options: Options) -> InProcess:
    from sklearn.linear_model import LogisticRegression

    encode = open_encoder(options).encode
    model = LogisticRegression(C=10, max_iter=1000).fit(encode(list(texts)), labels)
    classes = [str(name) for name in model.classes_]

    def one(text: str) -> tuple[str, float]:
        return best_of(classes, model.predict_proba(encode([text]))[0], options.out)

    return InProcess(one)


def open_encoder(options: Options, adapted: bool = False):
    """The encoder, built into this run's folder (from the cache when the graph was built before)."""
    from patchline.nlu import encoder

    encoder.build(options.work / "encoder", cache=options.cache / "encoder", adapted=adapted)
    return encoder.Encoder(options.work / "encoder")
