"""The flows that a command is about, and the centre around them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from callcenter.cli.failure import Failure
from callcenter.settings import Settings
from ivr_flows.check.subflows import subflow_mistakes
from ivr_flows.files import SHIPPED_FLOWS, read_flows
from ivr_flows.loader import linked, load_flow
from ivr_flows.model import Flow, SubflowNode
from located_yaml import Mistakes, did_you_mean, load


def flows_directory(settings: Settings) -> Path:
    """Where the flows lie. Raises Failure when it is not there."""
    directory = settings.centre.flows_dir or SHIPPED_FLOWS
    if not directory.is_dir():
        raise Failure(f"there is no directory {directory} -> set centre.flows_dir to that of the flows")
    return directory


def all_flows(settings: Settings) -> dict[str, Flow]:
    """The centre's flows, each sound in itself. Raises Mistakes."""
    return read_flows(flows_directory(settings))


def one_flow(settings: Settings, name_or_file: str) -> Flow:
    """The flow of this name, or in this file. Raises Mistakes, or Failure when there is none."""
    path = Path(name_or_file)
    if path.suffix in (".yaml", ".yml"):
        return _with_subflows(settings, load_flow(read(path), str(path)))
    known = all_flows(settings)
    if name_or_file not in known:
        near = did_you_mean(name_or_file, known)
        raise Failure(f"no flow '{name_or_file}'{near} -> choose one of: {', '.join(known)}, or a file")
    return known[name_or_file]


def single_flows(files: Iterable[Path]) -> dict[str, Flow]:
    """The flows of these files, each by itself, without its sub-flows; a faulty one is none."""
    found: dict[str, Flow] = {}
    for file in files:
        with suppress(Mistakes):
            flow = load_flow(read(file), str(file))
            found[flow.name] = flow
    return found


def _with_subflows(settings: Settings, flow: Flow) -> Flow:
    """The flow with those of the centre that it goes through. Raises Mistakes."""
    if not any(isinstance(node, SubflowNode) for node in flow.nodes.values()):
        return flow
    others = single_flows(sorted(flows_directory(settings).glob("*.yaml")))
    known = {**others, flow.name: flow}
    if mistakes := subflow_mistakes(known):
        raise Mistakes(mistakes)
    return linked(known)[flow.name]


def file_of_flow(settings: Settings, name_or_file: str) -> Path:
    """The file of this flow, which is the centre's own to change. Raises Failure, and Mistakes when one of
    the files is no YAML."""
    path = Path(name_or_file)
    if path.suffix in (".yaml", ".yml"):
        return path
    directory = settings.centre.flows_dir
    if directory is None:
        told = f"'{name_or_file}' comes with the product -> copy {SHIPPED_FLOWS} to a directory of your own"
        raise Failure(f"{told}, set centre.flows_dir to it, and change the flow there")
    files = {str(load(read(file), str(file)).data["flow"]): file for file in sorted(directory.glob("*.yaml"))}
    if name_or_file not in files:
        near = did_you_mean(name_or_file, files)
        raise Failure(f"no flow '{name_or_file}'{near} -> choose one of: {', '.join(files)}, or a file")
    return files[name_or_file]


def read(path: Path) -> bytes:
    """A file's content. Raises Failure when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(
            f"{path} cannot be read: {error.strerror} -> give the file of a flow or test"
        ) from error


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises Failure."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failure(f"{path} is there already -> choose another name, or remove it") from None
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror} -> choose another place") from error
