"""The real encoder, built once for all tests of this room."""

import pytest

from patchline.nlu import encoder as module
from tests.answers import ROOT


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    module.build(folder, cache=ROOT / ".rasa" / "encoder")
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder):
    return module.Encoder(encoder_folder)
