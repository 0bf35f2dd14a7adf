"""Settings: read from the environment, refused with the name of the variable."""

import stat

import pytest

from patchline import settings
from patchline.settings import SettingsError


def read(tmp_path, **env):
    return settings.from_environment({"PATCHLINE_VAR": str(tmp_path), **env})


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PATCHLINE_PORT": "eight"}, "PATCHLINE_PORT must be a whole number, not 'eight'"),
        ({"PATCHLINE_PORT": "70000"}, "PATCHLINE_PORT must be a port between 1 and 65535"),
        ({"PATCHLINE_PROFILE": "staging"}, "PATCHLINE_PROFILE must be 'development' or 'production'"),
        ({"PATCHLINE_RASA_TIMEOUT": "20"}, "PATCHLINE_RASA_TIMEOUT must be between 0 and 7.5 seconds"),
        ({"PATCHLINE_SECRET": "short"}, "PATCHLINE_SECRET must hold at least 32 characters"),
        ({"PATCHLINE_SECRET_FILE": "/nowhere"}, "PATCHLINE_SECRET_FILE: cannot read /nowhere"),
        (
            {"PATCHLINE_PROFILE": "production", "PATCHLINE_SECRET": "ab" * 20},
            "PATCHLINE_SECRET repeats a few characters",
        ),
        ({"PATCHLINE_PROFILE": "production"}, "PATCHLINE_SECRET or PATCHLINE_SECRET_FILE is missing"),
    ],
)
def test_a_bad_setting_is_one_sentence_that_names_it(tmp_path, env, sentence):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **env)
    assert sentence in str(caught.value)


def test_the_development_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret == second.secret
    assert len(first.secret) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_secret_is_never_printed(tmp_path):
    assert read(tmp_path, PATCHLINE_SECRET="s" * 40).secret not in repr(read(tmp_path, PATCHLINE_SECRET="s" * 40))


def test_lists_are_separated_by_commas(tmp_path):
    found = read(tmp_path, PATCHLINE_ALLOWED_ORIGINS="https://a.example/, https://b.example")
    assert found.allowed_origins == ("https://a.example", "https://b.example")
