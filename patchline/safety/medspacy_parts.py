"""medSpaCy's ConText without the rest of medSpaCy.

`import medspacy` also loads QuickUMLS, scikit-learn and SciPy (about 80 MB and 2 s), none of which ConText uses. Here
the package's own start-up is stepped over while its `context` part is imported; afterwards everything stands as if
nobody had imported medSpaCy yet, so that a later `import medspacy` works as ever.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from types import ModuleType


def _import_context() -> ModuleType:
    if "medspacy" in sys.modules:
        return importlib.import_module("medspacy.context")
    spec = importlib.util.find_spec("medspacy")
    if spec is None:
        raise ModuleNotFoundError("medspacy is not installed", name="medspacy")
    package = ModuleType("medspacy")
    package.__path__ = list(spec.submodule_search_locations or ())
    package.__spec__ = spec
    placeholders = {"medspacy": package}
    if "quickumls" not in sys.modules:
        placeholders["quickumls"] = ModuleType("quickumls")
        vars(placeholders["quickumls"])["spacy_component"] = (
            None  # medspacy.util imports the name and uses it in load() alone
        )
    sys.modules.update(placeholders)
    try:
        with warnings.catch_warnings():  # medSpaCy switches all warnings of the process off
            return importlib.import_module("medspacy.context")
    finally:
        for name in (*placeholders, "medspacy.util"):
            sys.modules.pop(name, None)


_context = _import_context()
ConText = _context.ConText
ConTextRule = _context.ConTextRule
