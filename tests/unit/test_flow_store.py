"""The store of versions: whole or not there, whenever a publisher dies, however many there are."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from callcenter.domain.flow_stage import Guards
from callcenter.flow_versions import model, service
from callcenter.flow_versions.model import Doing, NotNow
from callcenter.flow_versions.service import Draft
from callcenter.flow_versions.store import FlowStore, FlowStoreError
from ivr_flows.files import SHIPPED_FLOWS, read_flows
from located_yaml import Mistakes

SHIPPED = read_flows()
WRITTEN = {path.name: path.read_bytes() for path in sorted(SHIPPED_FLOWS.glob("*.yaml"))}


def drafted(mark: str) -> Draft:
    """The shipped flows with another comment."""
    return Draft.of({name: source + f"# {mark}\n".encode() for name, source in WRITTEN.items()}, SHIPPED)


def doing(note: str = "") -> Doing:
    return Doing(1_000, "li", note)


@pytest.fixture
def store(tmp_path: Path) -> FlowStore:
    return FlowStore(tmp_path / "flow_versions")


def test_files_are_kept_as_they_were_written(store: FlowStore) -> None:
    """With their comments, with who and why, and they load to the same flows."""
    action = service.publish(store, drafted("first"), doing("why not"))
    assert action is not None
    assert store.files(1) == drafted("first").files
    kept = store.version(1)
    assert (kept.author, kept.note, kept.at) == ("li", "why not", 1_000)
    assert kept.flows == {name: flow.version for name, flow in SHIPPED.items()}
    assert service.flows_of_version(store, 1).keys() == SHIPPED.keys()
    assert service.flows_in_force(store, None).keys() == SHIPPED.keys()


def test_a_version_is_read_at_once_without_its_yaml(store: FlowStore) -> None:
    """The same flows; whatever is not as it was published is read the long way, or refused."""
    service.publish(store, drafted("a"), doing())
    quick = service.flows_at_once(store, 1)
    assert {name: (flow.version, flow.content) for name, flow in quick.items()} == {
        name: (flow.version, flow.content) for name, flow in SHIPPED.items()
    }
    path = store.path(1) / "parsed.json"
    for broken in (b"{}", b"[]", b"{", path.read_bytes().replace(b'"timeout_sec":5', b'"timeout_sec":6')):
        path.write_bytes(broken)
        assert service.flows_at_once(store, 1)["korean_line"].version == SHIPPED["korean_line"].version
    path.unlink()
    assert service.flows_at_once(store, 1).keys() == SHIPPED.keys()


def test_nothing_published_is_nothing_in_force(store: FlowStore) -> None:
    """Looking makes nothing."""
    assert store.state().number == 0
    assert store.actions() == []
    assert not store.path(1).parent.exists()
    assert service.flows_in_force(store, None).keys() == SHIPPED.keys()
    with pytest.raises(FlowStoreError, match="no version 1 -> "):
        store.files(1)


def test_the_same_files_are_not_published_twice(store: FlowStore) -> None:
    """But they may be again after others."""
    service.publish(store, drafted("a"), doing())
    assert service.publish(store, drafted("a"), doing()) is None
    service.publish(store, drafted("b"), doing())
    again = service.publish(store, drafted("a"), doing())
    assert again is not None
    assert again.number == 3


def test_what_is_refused_leaves_nothing_behind(store: FlowStore) -> None:
    """A stage before anything is in force."""
    with pytest.raises(NotNow):
        service.publish(store, drafted("a"), doing(), percent=10)
    assert store.state().number == 0
    assert list(store.path(1).parent.iterdir()) == []


def test_a_changed_version_is_noticed(store: FlowStore) -> None:
    """A version never changes: whoever edits one is told, with the file and the cure."""
    service.publish(store, drafted("a"), doing())
    path = store.path(1) / "korean_line.yaml"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(FlowStoreError, match=r"korean_line.yaml:1: is not as it was published.* -> "):
        store.files(1)
    path.unlink()
    with pytest.raises(FlowStoreError, match="is not as it was published"):
        store.files(1)


def test_a_broken_log_is_told_with_its_line(store: FlowStore) -> None:
    """Never silently begun anew."""
    service.publish(store, drafted("a"), doing())
    log = store.path(1).parents[1] / "log.jsonl"
    log.write_bytes(log.read_bytes() + b"{nonsense\n")
    with pytest.raises(FlowStoreError, match=r"log.jsonl:2: .* -> restore"):
        store.state()


def test_the_history_tells_what_each_action_changed(store: FlowStore) -> None:
    """Against the version in force before it; a guard tells its figures."""
    service.publish(store, drafted("a"), doing())
    service.publish(store, drafted("b"), doing("b"), percent=10, guards=Guards())
    noted = service.withdraw_by_guard(store, 2, 5_000, "errors: 12 %")
    assert noted is not None
    assert service.withdraw_by_guard(store, 2, 5_000, "errors: 12 %") is None
    service.publish(store, drafted("c"), doing("c"))
    service.act(store, lambda state: model.rolled_back(state, None, doing()))
    told = [(entry.action.number, entry.action.deed.value, entry.changes) for entry in service.history(store)]
    changed = ", ".join(
        f"{name}.yaml +1 -1" for name in ("citizen_hotline", "korean_line", "prompt_studio", "ticket_status")
    )
    new = "citizen_hotline.yaml, new: korean_line.yaml, new: prompt_studio.yaml, new: ticket_status.yaml"
    assert told == [
        (1, "published", f"new: {new}"),
        (2, "staged", changed),
        (2, "withdrawn_by_guard", ""),
        (3, "published", changed),
        (1, "rolled_back", changed),
    ]
    assert [entry.action.note for entry in service.history(store)][2] == "errors: 12 %"


def test_a_draft_is_refused_with_every_mistake(tmp_path: Path) -> None:
    """Of all files, each with its line; a directory without flows is told, too."""
    with pytest.raises(NotNow, match=r"no \*\.yaml here"):
        service.draft(tmp_path, dict)
    for name, source in WRITTEN.items():
        (tmp_path / name).write_bytes(source.replace(b"next: ", b"nxt: "))
    with pytest.raises(Mistakes) as wrong:
        service.draft(tmp_path, dict)
    assert {mistake.file for mistake in wrong.value.found} == {str(tmp_path / name) for name in WRITTEN}


# --- deaths and crowds -------------------------------------------------------------------------------------


class Died(BaseException):
    """The process is gone at this call of the operating system."""


def dying_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the next call on, the ``step``-th that changes the disk never comes back."""
    left = iter(range(step, -1, -1))

    def dying(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if next(left, 0) == 0:
                raise Died
            return real(*args, **kwargs)

        return call

    monkeypatch.setattr(os, "fsync", dying(os.fsync))
    monkeypatch.setattr(Path, "mkdir", dying(Path.mkdir))
    monkeypatch.setattr(Path, "rename", dying(Path.rename))
    monkeypatch.setattr(Path, "open", dying(Path.open))


def test_a_publisher_that_dies_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """At every call that changes the disk: the log is readable, what it names is whole, and the next
    publisher gets the next number."""
    for step in range(200):
        store = FlowStore(tmp_path / str(step))
        service.publish(store, drafted("a"), doing())
        died = True
        with pytest.MonkeyPatch.context() as patch:
            dying_at(step, patch)
            try:
                service.publish(store, drafted("b"), doing())
                died = False
            except Died:
                pass
        number = store.state().number
        assert number in ((1, 2) if died else (2,))
        assert store.files(number) == drafted("ab"[number - 1]).files
        following = service.publish(store, drafted("c"), doing())
        assert following is not None
        assert following.number == number + 1
        assert sorted(path.name for path in store.path(1).parent.iterdir()) == [
            f"{known:06d}" for known in range(1, number + 2)
        ]
        if not died:
            assert step > 8
            return
    raise AssertionError("it never came to its end")


def _publish_many(directory: Path, name: str) -> None:
    for at in range(5):
        service.publish(FlowStore(directory), drafted(f"{name}{at}"), Doing(at, name))


def test_several_publishers_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    """Nothing is lost, nothing is mixed."""
    context = multiprocessing.get_context("spawn")
    publishers = [context.Process(target=_publish_many, args=(tmp_path, name)) for name in "abc"]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join(60)
        assert publisher.exitcode == 0
    store = FlowStore(tmp_path)
    actions = store.actions()
    assert [action.number for action in actions] == list(range(1, 16))
    for action in actions:
        version = store.version(action.number)
        assert version.author == action.author
        mark = f"# {action.author}{version.at}\n".encode()
        assert all(source.endswith(mark) for source in store.files(action.number).values())
