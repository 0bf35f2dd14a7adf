import pytest

from patchline.safety.language import of


@pytest.mark.parametrize(
    "text",
    ["no puedo orinar", "tengo fiebre", "me duele la cabeza", "¿Cuánto dura?  hola", "mi esposo se desmayó", "AYUDA"],
)
def test_spanish_is_known_by_its_small_words(text):
    assert of(text) == "es"


@pytest.mark.parametrize("text", ["my leg is numb", "no", "", "102.3", "me and he", "numb", "can't pee"])
def test_english_is_assumed_otherwise(text):
    assert of(text) == "en"
