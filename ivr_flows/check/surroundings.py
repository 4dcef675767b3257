"""What a flow asks for and the centre does not have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from ivr_flows.check.outside import Outside, outside_mistakes
from ivr_flows.check.texts import all_texts
from ivr_flows.effects import PromptText
from ivr_flows.model import Flow, HoursNode, QueueNode
from located_yaml import Mistake, Path, did_you_mean


def surroundings_mistakes(
    flow: Flow,
    queues: Collection[str] | None = None,
    calendars: Collection[str] | None = None,
    has_audio: Callable[[PromptText], bool] | None = None,
    calling_back: Mapping[str, str | None] = MappingProxyType({}),
    outside: Outside | None = None,
) -> list[Mistake]:
    """What the flow asks for and the centre does not have; what is None is not asked. ``calling_back`` are
    the queues whose callers may be promised a call-back, which the flow must tell them, each with the key
    that asks for it."""
    found: list[Mistake] = [] if outside is None else [*outside_mistakes(flow, outside)]
    for name, node in flow.nodes.items():
        here: Path = ("nodes", name)
        if isinstance(node, QueueNode) and queues is not None and node.queue not in queues:
            told = f"node '{name}': unknown queue '{node.queue}'{did_you_mean(node.queue, queues)}"
            found.append(flow.source.mistake((*here, "queue"), told))
        if isinstance(node, QueueNode) and node.queue in calling_back and node.call_back is None:
            told = f"node '{name}': callers of queue '{node.queue}' may be promised a call-back"
            cure = "add 'call_back: <node>', where they are told so"
            found.append(flow.source.mistake(here, f"{told}: {cure}", key=True))
        if isinstance(node, QueueNode) and (key := calling_back.get(node.queue)) in node.keys:
            told = f"node '{name}': in queue '{node.queue}' key {key} asks for a call-back: use another key"
            found.append(flow.source.mistake((*here, "keys", str(key)), told, key=True))
        if isinstance(node, HoursNode) and calendars is not None and node.hours not in calendars:
            told = f"node '{name}': unknown calendar '{node.hours}'{did_you_mean(node.hours, calendars)}"
            found.append(flow.source.mistake((*here, "hours"), told))
    for text in all_texts(flow):
        for language, words in text.fixed():
            if has_audio is not None and not has_audio(PromptText(words, language)):
                found.append(
                    flow.source.mistake((*text.path, language), f"{text.where}: no audio for this text")
                )
    return found
