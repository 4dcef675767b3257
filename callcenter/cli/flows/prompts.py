"""`callcenter flows prompts`: every text that callers can hear, what speaks it, and recordings of it."""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter import assembly
from callcenter.cli.failure import Failure
from callcenter.cli.flows.known import all_flows
from callcenter.flow_versions.store import FlowStore
from callcenter.places import Places
from callcenter.prompt_catalogue.said import PIECES, said_by
from callcenter.prompts import audio
from callcenter.prompts.catalogue import Line, PromptState, catalogue, number_of, sound_of
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import RECORDED, Recordings, checked
from callcenter.settings import Settings
from located_yaml import did_you_mean

SHEET: Final = "prompts.csv"
COLUMNS: Final = ("number", "language", "text", "said by", "state", "seconds", "level dBFS", "file")
TO_RECORD: Final = "recorded"
"""The folder of an export into which the studio puts its recordings, named by number."""
SOUNDS: Final = (".wav", ".mp3", ".ogg", ".flac")
PLAYERS: Final = (("aplay", "-q"), ("paplay",), ("afplay",), ("ffplay", "-nodisp", "-autoexit", "-v", "0"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which texts are meant: those in this state, of this flow, in this language; None: all. The words of
    numbers are only meant when they are asked for."""

    state: PromptState | None = None
    flow: str | None = None
    language: str | None = None
    pieces: bool = False

    def has(self, line: Line) -> bool:
        """Whether this one is meant."""
        return (
            (self.state is None or line.state is self.state)
            and (self.flow is None or self.flow in line.said_by)
            and (self.language is None or line.prompt.language == self.language)
            and (self.pieces or line.said_by != (PIECES,))
        )


def list_prompts(settings: Settings, chosen: Chosen) -> None:
    """Print a line for each text: number, state, language, seconds, level, voice, who says it, the text."""
    lines = [line for line in _lines(settings) if line.state is not PromptState.STALE and chosen.has(line)]
    for line in lines:
        seconds, level = _measures(line)
        said = ",".join(line.said_by)
        told = f"{line.number}  {line.state:9}  {line.prompt.language:2}  {seconds:>5} s  {level:>5} dB"
        print(f"{told}  {line.voice:12}  {said:20}  {line.prompt.text}")
    counted = Counter(line.state for line in lines)
    print("; ".join(f"{counted[state]} {state}" for state in PromptState if counted[state]) or "no texts")


def show_stale(settings: Settings) -> None:
    """Print the recordings of texts that have changed or gone, and rendered audio that nothing says."""
    lines = [line for line in _lines(settings) if line.state is PromptState.STALE]
    for line in lines:
        if line.prompt.text:
            told = f"now: {number_of(PromptText(line.now, line.prompt.language))} {line.now}"
            print(f"{line.number}  recorded  {line.prompt.language}  {line.prompt.text}")
            print(f"        {told if line.now else 'nothing says this any more'}")
    rendered = [line.file for line in lines if not line.prompt.text and line.file]
    size_kb = sum(file.stat().st_size for file in rendered) * 3 // 2 // 1000
    print(f"{len(lines) - len(rendered)} recordings; {len(rendered)} rendered files, {size_kb} kB")


def play(settings: Settings, which: str) -> None:
    """Let it be heard here; a machine that cannot play sound tells where it lies."""
    line = _one(_lines(settings), which)
    if line.file is None:
        raise Failure(f"{line.number} has no audio yet -> publish the flows, or import a recording of it")
    player = next((each for each in PLAYERS if shutil.which(each[0])), None)
    with tempfile.TemporaryDirectory() as directory:
        stem = Path(directory) / line.number
        audio.write_for_asterisk(stem, audio.read_audio(line.file))
        command = [*player, str(stem.with_suffix(".wav"))] if player else []
        played = bool(command) and subprocess.run(command, check=False, capture_output=True).returncode == 0
    print(line.prompt.text)
    if not played:
        print(f"This machine cannot play sound; it lies in {line.file}")


def export(settings: Settings, directory: Path, chosen: Chosen) -> None:
    """Write each text with its present audio into a directory that is not there yet, and a sheet of them, for
    whoever records them anew."""
    lines = [line for line in _lines(settings) if line.state is not PromptState.STALE and chosen.has(line)]
    try:
        (directory / TO_RECORD).mkdir(parents=True)
    except FileExistsError:
        raise Failure(f"{directory} was exported to before -> choose another directory") from None
    with (directory / SHEET).open("w", encoding="utf-8-sig", newline="") as file:  # as spreadsheets like it
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        for line in lines:
            seconds, level = _measures(line)
            name = _copied(line, directory)
            said = ", ".join(line.said_by)
            sheet.writerow(
                (line.number, line.prompt.language, line.prompt.text, said, line.state, seconds, level, name)
            )
    print(f"{len(lines)} texts in {directory / SHEET}")
    print(f"Put recordings into {directory / TO_RECORD}, named by number: 012345.wav, or .mp3, .ogg, .flac.")
    print(f"Then: callcenter flows prompts import {directory}")


def import_recordings(settings: Settings, source: Path, which: str | None) -> None:
    """Take in the recordings of an exported directory, or one file for this text: all of them or, with every
    mistake told, none."""
    if source.is_dir():
        wanted = _recorded(source)
    elif which is not None:
        wanted = {_one(_lines(settings), which).prompt: source}
    else:
        raise Failure(f"what is said in {source}? -> give the text's number or words after it")
    wrong = []
    for file in wanted.values():
        try:
            checked(file)
        except audio.AudioError as error:
            wrong.append(str(error))
    if wrong:
        raise Failure("\n".join([*wrong, "nothing was taken in"]))
    recordings = _recordings(settings)
    for prompt, file in wanted.items():
        entry = recordings.take(prompt, file)
        print(f"{number_of(prompt)}  {entry.duration_ms / 1000:5.1f} s  {entry.language}  {entry.text}")
    print(f"{len(wanted)} recordings taken in; callers hear them from the next start on")


def remove(settings: Settings, which: str) -> None:
    """Forget the recording of a text, said or stale."""
    recorded = [line for line in _lines(settings) if line.prompt.text and line.voice == "own"]
    line = _one(recorded, which)
    _recordings(settings).remove(line.prompt)
    print(f"forgotten: {line.number}  {line.prompt.language}  {line.prompt.text}")


# --- what there is -----------------------------------------------------------------------------------------


def _lines(settings: Settings) -> list[Line]:
    """Of the flows as they are written, in force and staged, and of all that the centre says besides."""
    places = Places.of(settings.centre)
    flows = [*all_flows(settings).items(), *assembly.published_flows(FlowStore(places.flow_versions))]
    said = said_by(flows, assembly.waiting_policy(settings).prompts())
    try:
        return catalogue(said, places.prompts, places.own_prompts)
    except audio.AudioError as error:
        raise Failure(str(error)) from error


def _recordings(settings: Settings) -> Recordings:
    return Recordings(Places.of(settings.centre).own_prompts / RECORDED)


def _one(lines: Iterable[Line], which: str) -> Line:
    """The text with this number or these words."""
    known = [line for line in lines if line.prompt.text]
    plain = " ".join(which.split())
    found = [line for line in known if plain in (line.number, line.prompt.text)]
    if len(found) == 1:
        return found[0]
    if found:
        told = "; ".join(f"{line.number} {line.prompt.language} {line.prompt.text}" for line in found)
        raise Failure(f"several texts are meant: {told} -> give the number, or the words, of one")
    near = did_you_mean(plain, [name for line in known for name in (line.number, line.prompt.text)])
    raise Failure(f"no text '{which}'{near} -> take a number from: callcenter flows prompts list --pieces")


def _measures(line: Line) -> tuple[str, str]:
    """Seconds and level, as they are shown."""
    if line.file is None:
        return "-", "-"
    try:
        sound = sound_of(line.file)
    except audio.AudioError as error:
        raise Failure(f"{line.file}: {error} -> remove the file, and start the centre again") from error
    return f"{sound.duration_ms / 1000:.1f}", f"{sound.level_dbfs:.1f}"


def _copied(line: Line, directory: Path) -> str:
    if line.file is None:
        return ""
    stem = directory / line.number
    audio.write_for_asterisk(stem, audio.read_audio(line.file))
    stem.with_suffix(".wav16").replace(stem.with_suffix(".wav"))  # studios like the wide one, so named
    return f"{line.number}.wav"


def _recorded(directory: Path) -> dict[PromptText, Path]:
    """The recordings of an export, each with the text that it was exported with."""
    try:
        with (directory / SHEET).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
            texts = {row["number"].zfill(6): PromptText(row["text"], row["language"]) for row in rows}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        told = f"{directory / SHEET} cannot be read ({error})"
        raise Failure(f"{told} -> give a directory made by: callcenter flows prompts export") from error
    files = sorted(file for file in (directory / TO_RECORD).glob("*") if file.suffix.lower() in SOUNDS)
    if unknown := [file.name for file in files if file.stem not in texts]:
        raise Failure(f"{', '.join(unknown)}: no such number in {SHEET} -> name each file by its number")
    if len({file.stem for file in files}) < len(files):
        raise Failure(f"{directory / TO_RECORD} has several files of one number -> keep one of each")
    if not files:
        raise Failure(f"{directory / TO_RECORD} has no recordings -> put them there, named by number")
    return {texts[file.stem]: file for file in files}
