import pytest

from patchline.safety.model import CATEGORIES, TIERS

MAYBE, WORDS = "-maybe", "-words"
# For each published pattern group a message whose tier it alone gives.
ALONE = {
    "headache-returned": "my headache came back",
    "headache-stays": "head still pounds, patch was on Monday",
    "patch-failed": "the patch wore off",
    "has-fever": "I have a fever",
    "has-chills": "I have the chills",
    "site-infected": "there is goo on it",
    "leg-numb": "numb shin",
    "leg-statement": "my knee seems fancy",
    "wound-statement": "the wound looks horrid",
    "bladder-statement": "my bladder feels upset",
    "saddle-statement": "my groin feels alien",
    "chest-statement": "my chest feels awful",
    "sight-statement": "my eyesight is awful",
    "mouth-statement": "my lips look awful",
    "numbness": "there is a numb stripe",
    "leg-weak": "my knee buckles",
    "urinating-hard": "it is hard to pee",
    "back-worse": "my back pain is worse",
    "cannot-urinate": "I can't pee",
    "lost-control": "I wet the bed",
    "saddle-numb": "numb groin",
    "legs-do-not-move": "I can't move my legs",
    "cannot-stand": "she can't walk",
    "fever-stiff-neck": "fever and a stiff neck",
    "fever-confusion": "fever and she is confused",
    "fever-rash": "fever and a rash",
    "chills-stiff-neck": "chills and a stiff neck",
    "chills-confusion": "chills and she is confused",
    "chills-rash": "chills and a rash",
    "rash-glass": "I think I have meningitis",
    "sudden-headache": "a thunderclap",
    "worst-headache": "worst headache ever, patch was Monday",
    "stroke": "his speech is slurred",
    "seizure": "I had a seizure",
    "fainting": "I fainted",
    "chest": "chest pain",
    "breathing": "I can't breathe",
    "calf": "my calf is swollen",
    "vision": "I went blind in one eye",
    "allergy": "swollen tongue",
    "suicidal": "I want to die",
    "self-harm": "I am cutting myself",
    "harm-baby": "I shook the baby",
    "overdose": "I overdosed",
    "es-headache": "volvió el dolor de cabeza",
    "es-fever": "tengo fiebre",
    "es-infection": "la herida está roja",
    "es-numb-weak": "tengo la pierna dormida",
    "es-urinating": "me cuesta orinar",
    "es-back-pain": "me duele mucho la espalda",
    "es-bladder-bowel": "no puedo orinar",
    "es-saddle": "no siento la entrepierna",
    "es-legs": "no puedo mover las piernas",
    "es-fever-sign": "fiebre y cuello rígido",
    "es-worst-headache": "el peor dolor de cabeza de mi vida",
    "es-stroke": "tiene la boca torcida",
    "es-seizure-faint": "me desmayé",
    "es-chest-breath": "no puedo respirar",
    "es-calf": "tengo la pantorrilla hinchada",
    "es-vision": "no veo nada",
    "es-allergy": "se me hincha la lengua",
    "es-suicidal": "me quiero morir",
    "es-self-harm": "quiero cortarme",
    "es-harm-baby": "tengo ganas de lastimar al bebé",
    "es-overdose": "tomé muchas pastillas",
}


def test_every_published_group_has_its_case(rules):
    assert {group.id for group in rules.groups if not group.id.endswith((MAYBE, WORDS))} == set(ALONE)


def test_the_patterns_that_are_too_common_stand_in_a_weak_group_of_the_same_kind(rules):
    groups = {group.id: group for group in rules.groups}
    maybes = [group for group in rules.groups if group.id.endswith(MAYBE)]
    assert maybes
    for group in maybes:
        sure = groups[group.id.removesuffix(MAYBE)]
        assert (group.weak, sure.weak) == (True, False)
        assert (group.tier, group.category, group.source) == (sure.tier, sure.category, sure.source)


@pytest.mark.parametrize("group", ALONE)
def test_a_group_catches_its_case_alone(detector, group):
    detection = detector.detect(ALONE[group])
    present = [flag for flag in detection.flags if flag.status == "present" and not flag.id.endswith((MAYBE, WORDS))]
    (own,) = [flag for flag in present if flag.id == group][:1]
    others = [TIERS.index(flag.tier) for flag in present if flag.id != group]
    assert detection.sure_tier == (None if own.weak else own.tier)
    assert all(tier < TIERS.index(own.tier) for tier in others)  # without this group the message would come to less


def test_every_category_of_every_tier_has_a_group(rules):
    assert {(group.tier, group.category) for group in rules.groups} == {
        (tier, category) for tier, categories in CATEGORIES.items() for category in categories
    }


def test_every_category_has_spanish_patterns(rules):
    spanish = {group.category for group in rules.groups if group.language == "es"}
    assert spanish == {category for categories in CATEGORIES.values() for category in categories}


def test_every_group_of_the_clinic_tier_rests_on_a_line_of_the_document(rules):
    assert {group.source for group in rules.groups if group.tier == "clinic"} == {
        "call-2",
        "call-3",
        "call-4",
        "call-5",
    }


def test_every_group_names_its_source_and_who_reviewed_it_when(rules):
    assert all(group.source and group.reviewer and group.reviewed for group in rules.groups)
