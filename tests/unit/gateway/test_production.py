from dataclasses import replace

import pytest

from patchline.chain import Contact
from patchline.gateway.production import check_production
from patchline.settings import Settings, SettingsError

PRODUCTION = Settings(profile="production", internal_token="between-us", public_url="https://chat.clinic.example")


@pytest.fixture
def real(content):
    line = replace(content.clinic.line, display="(617) 867-5309", tel="+16178675309")
    contacts = (Contact("Nurse", ("log", "nurse-sms")),)
    return replace(content, clinic=replace(content.clinic, line=line, contacts=contacts))


def test_development_may_use_demo_numbers(content):
    check_production(Settings(), content)


def test_production_refuses_a_demo_number(content):
    with pytest.raises(SettingsError, match=r"clinic line in clinic.yml is a demo number \(\(202\) 555-0142\)"):
        check_production(PRODUCTION, content)


def test_production_refuses_to_talk_to_rasa_without_a_token(real):
    with pytest.raises(SettingsError, match="PATCHLINE_INTERNAL_TOKEN"):
        check_production(replace(PRODUCTION, internal_token=""), real)


def test_production_refuses_to_tell_staff_by_the_log_alone(content, real):
    lonely = replace(real, clinic=replace(real.clinic, contacts=content.clinic.contacts))
    with pytest.raises(SettingsError, match="by the log alone"):
        check_production(PRODUCTION, lonely)


def test_production_refuses_plain_http_and_no_rate_limit(real):
    with pytest.raises(SettingsError, match="RATE_LIMIT is off; PATCHLINE_PUBLIC_URL is not an https address"):
        check_production(replace(PRODUCTION, rate_limit="off", public_url=""), real)


def test_production_refuses_a_database_and_secrets_that_others_can_read(real, tmp_path):
    settings = replace(PRODUCTION, var=tmp_path, channels=tmp_path / "channels.yml")
    for name in ("patchline.db", "channels.yml"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)  # whatever the umask of the tests is
    with pytest.raises(SettingsError, match=r"channels.yml can be read by other accounts .*patchline.db can be read"):
        check_production(settings, real)
    for name in ("patchline.db", "channels.yml"):
        (tmp_path / name).chmod(0o600)
    check_production(settings, real)


def test_production_starts_with_real_numbers_a_token_and_a_way_to_reach_staff(real):
    check_production(PRODUCTION, real)
