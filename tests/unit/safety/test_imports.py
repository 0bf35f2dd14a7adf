"""What a process pays for this room: nothing until it asks, and none of medSpaCy's heavy parts."""

import subprocess
import sys


def loaded_after(code):
    program = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_importing_the_package_or_its_text_cleaner_loads_neither_spacy_nor_yaml():
    assert not loaded_after("import patchline.safety, patchline.safety.text") & {"spacy", "ruamel.yaml", "rapidfuzz"}


def test_the_detector_loads_context_and_none_of_medspacys_other_parts():
    modules = loaded_after("from patchline.safety import Detector; Detector")
    assert "medspacy.context" in modules
    assert not modules & {"quickumls", "sklearn", "scipy", "medspacy", "PyRuSH", "torch", "tensorflow"}


def test_medspacy_itself_can_still_be_imported_afterwards():
    modules = loaded_after("from patchline.safety import Detector; Detector\nimport medspacy\nassert medspacy.load")
    assert {"medspacy", "medspacy.util"} <= modules
