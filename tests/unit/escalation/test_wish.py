from dataclasses import replace

import pytest


@pytest.mark.parametrize(
    "phone", ["(202) 555-0142", "2025550142", "+1202", "+02025550142", "+1202555014x", "+٢٠٢٥٥٥٠١٤٢"]
)
def test_a_number_is_e164_or_an_error(wish, phone):
    with pytest.raises(ValueError, match=r"E\.164"):
        replace(wish, phone=phone)


def test_a_number_without_consent_is_an_error_and_no_number_is_none(wish):
    with pytest.raises(ValueError, match="consent"):
        replace(wish, consent_at=None)
    assert replace(wish, phone=None, consent_at=None).phone is None
