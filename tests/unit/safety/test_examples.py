"""Every group of red_flags.yml says by two sentences what it finds and what it leaves alone; both are true."""


def found(detector, text):
    return [flag for flag in detector.detect(text).flags if flag.status == "present"]


def test_every_group_finds_and_leaves_what_it_says(detector, rules):
    wrong = []
    for group in rules.groups:
        present = found(detector, group.finds)
        if not any(group.id == f.id or (group.tier, group.category) == (f.tier, f.category) for f in present):
            wrong.append(f"{group.place}, {group.id}: does not find {group.finds!r}")
        wrong += [
            f"{group.place}, {group.id}: does not leave {group.leaves!r} alone, for {flag.words!r}"
            for flag in found(detector, group.leaves)
            if flag.id == group.id
        ]
    assert not wrong, "\n".join(wrong)
