"""The publishing log as a fold, what may be done when, and what differs. Pure."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.flow_stage import Guards
from callcenter.flow_versions import model
from callcenter.flow_versions.model import Action, Deed, Doing, NotNow, State, state_of

DOING = Doing(1_000, "li", "new menu")
GUARDS = Guards(20, 0.1, 0.1, 0.1)
Step = Callable[[State], Action]


def whole(state: State) -> Action:
    return model.published(state, state.highest + 1, DOING, None, GUARDS)


def share(state: State) -> Action:
    return model.published(state, state.highest + 1, DOING, 10, GUARDS)


def back(state: State) -> Action:
    return model.rolled_back(state, None, DOING)


def finish(state: State) -> Action:
    return model.finished(state, DOING)


def withdraw(state: State) -> Action:
    return model.withdrawn(state, DOING)


def more(state: State) -> Action:
    return model.share_set(state, 50, DOING)


def after(*steps: Step) -> State:
    actions: list[Action] = []
    for step in steps:
        actions.append(step(state_of(actions)))
    return state_of(actions)


def test_what_is_published_is_in_force() -> None:
    """Each publication is the next version, and the log counts on."""
    state = after(whole, whole)
    assert (state.number, state.action, state.highest, state.staged) == (2, 2, 2, None)


def test_going_back_goes_further_back_each_time() -> None:
    """In need one goes on rolling back until it works again; forward again by number."""
    assert after(whole, whole, whole, back).number == 2
    assert after(whole, whole, whole, back, back).number == 1
    with pytest.raises(NotNow, match="no version before 1"):
        after(whole, whole, back, back)
    assert after(whole, whole, back, lambda state: model.rolled_back(state, 2, DOING)).number == 2


def test_what_was_published_after_going_back_is_a_version_of_its_own() -> None:
    """Numbers are never used twice; the version before it is the one gone back to."""
    state = after(whole, whole, back, whole)
    assert state.number == 3
    assert after(whole, whole, back, whole, back).number == 2


def test_a_stage_is_finished_or_withdrawn() -> None:
    """While it lasts the version in force stays; going back ends it, too."""
    state = after(whole, share)
    assert state.staged is not None
    assert (state.number, state.staged.number, state.staged.percent, state.staged.began) == (1, 2, 10, 2)
    assert state.staged.guards == GUARDS
    grown = after(whole, share, more).staged
    assert grown is not None
    assert (grown.percent, grown.began) == (50, 2)
    assert (after(whole, share, finish).number, after(whole, share, finish).staged) == (2, None)
    assert (after(whole, share, withdraw).number, after(whole, share, withdraw).staged) == (1, None)
    assert (after(whole, whole, share, back).number, after(whole, whole, share, back).staged) == (1, None)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((share,), "nothing was published yet"),
        ((back,), "nothing was published yet"),
        ((finish,), "no version is staged"),
        ((withdraw,), "no version is staged"),
        ((more,), "no version is staged"),
        ((whole, share, whole), "end that first"),
        ((whole, share, share), "end that first"),
        ((whole, lambda state: model.rolled_back(state, 7, DOING)), "no version 7"),
        ((whole, lambda state: model.rolled_back(state, 1, DOING)), "in force already"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_cure(steps: tuple[Step, ...], told: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotNow, match=told) as refused:
        after(*steps)
    assert " -> " in str(refused.value)


@given(st.lists(st.sampled_from([whole, share, back, finish, withdraw, more]), max_size=30))
def test_whatever_is_done_the_log_makes_sense(steps: list[Step]) -> None:
    """A version in force was published once, a staged one is another, entries count without gaps, and what
    was written comes back."""
    actions: list[Action] = []
    for step in steps:
        try:
            actions.append(step(state_of(actions)))
        except NotNow:
            continue
        state = state_of(actions)
        assert state.action == len(actions) == actions[-1].action
        assert 0 <= state.number <= state.highest
        assert state.number in state.were_in_force or not state.number
        assert state.staged is None or state.staged.number != state.number
    assert [Action.from_dict(action.to_dict()) for action in actions] == actions


def test_what_differs_is_told_line_by_line_and_in_short() -> None:
    """Changed, new and removed files; comments are part of it."""
    old = {"a.yaml": b"# menu\nx: 1\ny: 2\n", "gone.yaml": b"z: 1\n"}
    new = {"a.yaml": b"# the menu\nx: 1\ny: 3\nw: 4\n", "new.yaml": "问: 1\n".encode()}
    assert model.summary(old, new) == "a.yaml +3 -2, removed: gone.yaml, new: new.yaml"
    assert model.summary(old, old) == ""
    assert list(model.difference(old, old, ("1", "2"))) == []
    lines = list(model.difference(old, new, ("version-1", "flows_dir")))
    assert lines[:2] == ["--- version-1/a.yaml", "+++ flows_dir/a.yaml"]
    assert {"-# menu", "+# the menu", "+w: 4", "+++ /dev/null", "-z: 1", "--- /dev/null", "+问: 1"} <= {
        *lines
    }


def test_a_deed_has_a_name_for_every_reader() -> None:
    """The log is read by people, too."""
    assert len({deed.value for deed in Deed}) == len(Deed)
