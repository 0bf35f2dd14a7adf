"""Releases are numbered, sealed, and refused when they may not serve."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from patchline.releases import serving
from patchline.releases.errors import Refused
from patchline.releases.release import Promotion
from patchline.releases.serving import Seat, Serving
from patchline.releases.store import Releases


def test_releases_are_numbered_from_one_and_listed_newest_first(make, releases) -> None:
    made = [make().number, make().number]
    assert made == [1, 2]
    assert [release.number for release in releases.all()] == [2, 1]
    first = releases.get(1)
    assert (first.by, first.sentence, first.commit, first.state) == (
        "Ana López",
        "Numbing: shorter",
        "abc123",
        "passed",
    )
    assert first.report()["gate"]["open"]


def test_a_passed_release_that_nobody_touched_may_be_promoted(make, releases) -> None:
    assert releases.refusals(make().number) == []
    assert releases.faults(1) == []


def test_a_failed_release_is_refused_with_the_reasons_of_its_gate(make, releases) -> None:
    assert make(passed=False).state == "failed"
    assert releases.refusals(1) == ["It misses 3 of 530 emergencies."]


def test_a_release_without_a_model_has_failed(make, releases) -> None:
    assert make(model=None).state == "failed"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("model.tar.gz", "Its model was changed after the trial."),
        ("model.json", "Its model's record was changed after the trial."),
        ("report.json", "Its report was changed after the trial."),
        ("files/domain.yml", "Its files were changed after the trial."),
        ("files/data/more.yml", "Its files were changed after the trial."),
    ],
)
def test_what_was_changed_after_the_trial_is_named_and_refused(make, releases, name, says) -> None:
    path = make().folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"{}")
    assert releases.faults(1) == [says]
    assert releases.refusals(1) == [says]


def test_a_failed_release_cannot_be_made_a_passed_one_by_hand(make, releases) -> None:
    path = make(passed=False).folder / "release.json"
    path.write_text(path.read_text().replace('"failed"', '"passed"'))
    assert releases.get(1).state == "passed"
    assert "Its seal does not hold" in releases.refusals(1)[0]


def test_a_seal_of_another_installation_does_not_hold(make, settings) -> None:
    make()
    other = Releases(replace(settings, secret="o" * 40), unsigned=lambda files, live: [])
    assert "Its seal does not hold" in other.refusals(1)[0]


def test_what_a_clinician_has_to_sign_is_refused_until_then(make, settings) -> None:
    make()
    waiting = Releases(settings, unsigned=lambda files, live: ["The answer to “Numbing” is not signed."])
    assert waiting.refusals(1) == ["The answer to “Numbing” is not signed."]


def test_going_back_to_what_served_before_needs_no_new_signature(make, settings) -> None:
    make(), make()
    serving.write(settings, Serving(Seat(2, "b"), Seat(1, "a"), before=(0, 1)))
    assert Releases(settings, unsigned=lambda files, live: ["not signed"]).refusals(1) == []


def test_a_release_of_an_earlier_version_of_the_product_has_to_be_trained_again(make, releases, monkeypatch) -> None:
    make()
    monkeypatch.setattr("patchline.releases.store.code_fingerprint", lambda: "another")
    assert releases.refusals(1) == ["It was trained by another version of Patchline. Train again."]


def test_a_demo_number_cannot_be_promoted_in_production(make, settings) -> None:
    make()
    reasons = Releases(replace(settings, profile="production"), unsigned=lambda files, live: []).refusals(1)
    assert len(reasons) == 1
    assert "demo" in reasons[0] or "555" in reasons[0] or "fiction" in reasons[0]


def test_content_with_a_mistake_is_refused_with_its_file_before_it_can_stop_the_gateway(make, releases) -> None:
    with releases.building():
        release = releases.begin("abc", "Ana", "")
        (release.files / "content").mkdir(parents=True)
        release.archive.write_bytes(b"m")
        (release.folder / "model.json").write_text(json.dumps({"fingerprint": "f"}))
        releases.finish(release.number, {"gate": {"open": True, "failures": []}})
    assert "content cannot be used" in releases.refusals(1)[0]


def test_a_release_is_building_while_its_maker_lives_and_interrupted_after(releases) -> None:
    with releases.building():
        releases.begin("abc", "Ana", "")
        assert releases.get(1).state == "building"
        assert releases.refusals(1) == ["It is still being trained and tried."]
    assert releases.get(1).state == "interrupted"
    assert releases.refusals(1) == ["Its training was cut short. Train again."]


def test_two_cannot_be_made_at_once(releases) -> None:
    with releases.building(), pytest.raises(Refused, match="Another release is being trained"), releases.building():
        pass


def test_what_serves_already_and_what_there_is_not_are_refused(make, releases, settings) -> None:
    make()
    serving.write(settings, Serving(Seat(1, "b"), Seat(0, "a"), before=(0,)))
    assert releases.refusals(1) == ["It is what patients are answered with already."]
    with pytest.raises(Refused, match="There is no release 9"):
        releases.refusals(9)


def test_old_models_are_removed_but_never_one_that_is_needed(make, releases, settings) -> None:
    for _ in range(6):
        make()
    serving.write(settings, Serving(Seat(1, "a"), Seat(2, "b"), before=(3,)))
    assert releases.keep_models(2) == [4]
    assert [release.number for release in releases.all() if release.archive.exists()] == [6, 5, 3, 2, 1]
    assert releases.refusals(4) == ["Its model is not kept any more: train again to have one like it."]
    assert releases.get(4).report()["gate"]["open"]


def test_promotions_are_on_record_newest_first_also_after_a_line_that_was_cut_short(releases) -> None:
    first = Promotion("2026-11-23T09:00:00+00:00", "Ana López", 1, 0, "promote")
    releases.note_promotion(first)
    with open(releases.folder / "promotions.jsonl", "a") as file:
        file.write('{"at": "2026-')
    second = Promotion("2026-11-23T09:10:00+00:00", "Ana López", 0, 1, "roll back")
    releases.note_promotion(second)
    assert releases.promotions() == [second, first]


def test_release_zero_is_what_was_installed_and_needs_a_model(releases) -> None:
    assert releases.get(0).name == "as installed"
    assert releases.faults(0) == []
    assert "patchline train" in releases.cannot_serve(0)[0]
