"""`python -m patchline.training.worker ROOT OUTPUT NAME`: the training itself, in a process of its own.

A process of its own, because Rasa loads some 400 MB of libraries and may call `sys.exit`. Everything that is said goes
to the log; `patchline.training.train` reads there which phase it is in. Exit codes: 0 trained, 1 failed, 3 disk full.
"""

from __future__ import annotations

import errno
import logging
import sys
import warnings
from pathlib import Path

DISK_FULL = 3
LOADED = "Rasa is loaded"
STORAGE = "rasa.engine.storage.local_model_storage"  # says in its debug log when it begins to write the archive
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main(root: Path, output: Path, name: str) -> int:
    logging.basicConfig(format=FORMAT, level=logging.INFO, stream=sys.stdout, datefmt="%H:%M:%S")
    warnings.simplefilter("ignore")
    logging.getLogger(STORAGE).setLevel(logging.DEBUG)
    from rasa.model_training import train  # 10 s of imports, so only here
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # unconfigured, structlog prints every debug event
    logging.getLogger("patchline.training").info(LOADED)
    try:
        result = train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "data")],
            output=str(output),
            force_training=True,  # Rasa's own cache does not see a change in a module that a component imports
            fixed_model_name=name,
        )
    except Exception as error:
        if not disk_is_full(error):
            raise
        return DISK_FULL
    return 0 if result.code == 0 and result.model else 1


def disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says so; Rasa wraps what a component raises in an error of its own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
