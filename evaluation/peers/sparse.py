"""TF-IDF of words and letters with logistic regression: no encoder, no neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.peers import InProcess, Options

ABOUT = "TF-IDF word(1,2) + char_wb(2,5), logistic regression; score = the likeliest topic's probability"


def version() -> str:
    import sklearn

    return f"scikit-learn {sklearn.__version__}"


def train(texts: Sequence[str], labels: Sequence[str], options: Options) -> InProcess:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(ngram_range=(2, 5), analyzer="char_wb", sublinear_tf=True),
    )
    model = make_pipeline(features, LogisticRegression(C=10, max_iter=1000)).fit(texts, labels)
    classes = [str(name) for name in model.classes_]

    def one(text: str) -> tuple[str, float]:
        return best_of(classes, model.predict_proba([text])[0], options.out)

    return InProcess(one)


def best_of(classes: Sequence[str], probabilities: Sequence[float], out: str | None) -> tuple[str, float]:
    """The likeliest label, and the probability of the likeliest one that is in scope.

    >>> best_of(["a", "out_of_scope"], [0.25, 0.75], "out_of_scope")
    ('out_of_scope', 0.25)
    """
    ranked = sorted(zip(probabilities, classes, strict=True), reverse=True)
    return ranked[0][1], float(next(p for p, name in ranked if name != out))
