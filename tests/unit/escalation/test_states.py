import pytest

from patchline.escalation.states import ACTIONS, STATES, TRANSITIONS, NotAllowed, after

ALLOWED = {
    ("open", "acknowledged"): "acknowledged",
    ("open", "called"): "acknowledged",
    ("acknowledged", "called"): "acknowledged",
    ("open", "resolved"): "resolved",
    ("acknowledged", "resolved"): "resolved",
    ("acknowledged", "reopened"): "open",
    ("resolved", "reopened"): "open",
    ("open", "reassigned"): "open",
    ("acknowledged", "reassigned"): "acknowledged",
    ("open", "raised"): "open",
    ("acknowledged", "raised"): "open",
    ("resolved", "raised"): "open",
}


@pytest.mark.parametrize("action", TRANSITIONS)
@pytest.mark.parametrize("state", STATES)
def test_what_may_follow_what(state, action):
    if (state, action) in ALLOWED:
        assert after(state, action) == ALLOWED[state, action]
    else:
        with pytest.raises(NotAllowed, match=r"^PL-7K3F9: .+\.$"):
            after(state, action, "PL-7K3F9")


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - set(TRANSITIONS)))
@pytest.mark.parametrize("state", STATES)
def test_everything_else_leaves_the_state_as_it_is(state, action):
    assert after(state, action) == state


def test_every_action_that_changes_a_state_can_stand_in_a_history():
    assert set(TRANSITIONS) <= set(ACTIONS)
