"""What callers hear, for previews and tests: the shipped audio, and recordings that may be changed."""

from __future__ import annotations

from pathlib import Path

from callcenter.prompt_catalogue.routes import PromptRoutes
from callcenter.prompt_catalogue.said import Said, said_by
from callcenter.prompt_catalogue.service import PromptCatalogue
from callcenter.prompts.model import PromptText
from callcenter.prompts.recordings import RECORDED, Recordings
from callcenter.prompts.shipped import SHIPPED_DIRECTORY, read_manifest
from ivr_flows.files import read_flows

GREETING = "您好，欢迎致电一二三四五政务服务便民热线。"
BEFORE = "您好，欢迎致电一二三四五政务服务热线，我们很高兴为您服务。"
UNSPOKEN = PromptText("因系统升级，今晚十点至次日六点暂停工单查询。", "zh")


def shipped_texts() -> Said:
    """Those of the shipped flows, and one that nothing speaks."""
    return {**said_by(read_flows().items(), ()), UNSPOKEN: ["citizen_hotline"]}


class MadeUpPrompts:
    """``said`` are the texts; ``changed`` those whose audio has changed, in their order. Everything lies in
    ``directory``."""

    def __init__(self, directory: Path, said: Said) -> None:
        self.said = said
        self.changed: list[PromptText] = []
        self.own = directory / "own"
        self.catalogue = PromptCatalogue(lambda: self.said, directory, self.own, self._heard)
        self.routes = PromptRoutes(self.catalogue)

    def record_some(self) -> None:
        """One text is recorded, and one recording is of words that have changed since."""
        shipped = read_manifest(SHIPPED_DIRECTORY)
        key = next(key for key, prompt in shipped.items() if prompt.text == GREETING)
        recordings = Recordings(self.own / RECORDED)
        for text in ("感谢您的来电，再见。", BEFORE):
            recordings.take(PromptText(text, "zh"), SHIPPED_DIRECTORY / f"{key}.ogg")

    async def _heard(self, prompt: PromptText) -> None:
        self.changed.append(prompt)
