import pytest

from patchline.safety.temperature import kind


@pytest.mark.parametrize(
    ("word", "following", "expected"),
    [
        ("100.4", "", "#fever"),
        ("100.3", "", "#number"),
        ("38.0", "", "#fever"),
        ("37.9", "", "#number"),
        ("38,5", "", "#fever"),
        ("101f", "", "#fever"),
        ("101", "f", "#fever"),
        ("39", "degrees", "#fever"),
        ("39", "grados", "#fever"),
        ("101", "", "#maybe"),
        ("39", "", "#maybe"),
        ("39", "weeks", "#number"),
        ("38.5", "kg", "#number"),
        ("102", "pounds", "#number"),
        ("10am", "", "#number"),
        ("98.6", "", "#number"),
        ("110", "", "#number"),
        ("43", "", "#number"),
        ("2016", "", "#year"),
        ("1899", "", "#number"),
        ("2nd", "", "#number"),
    ],
)
def test_a_number_is_a_fever_from_38_celsius_or_100_point_4_fahrenheit_on(word, following, expected):
    assert kind(word, following) == expected
