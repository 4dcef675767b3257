"""`python -m callcenter.demo.speech.render`: makes the demo's speech anew (needs the extra `tts`).

The sentences were chosen among more by how well the small recognisers of the demo hear them.
"""

import json
import os
from dataclasses import asdict
from typing import Final

import soundfile

from callcenter.demo.speech import DIRECTORY, MANIFEST, Role, Utterance
from callcenter.prompts.audio import WIDEBAND_HZ, finish_speech
from callcenter.prompts.engines import SpeechSynthesizer, open_engine
from callcenter.prompts.model import KOKORO_MODEL, Voice

# Callers and agents have different voices, so that swapped channels are heard at once.
LINES: Final = {
    (Role.CALLER, "zh", "zf_xiaoxiao"): (
        "我想反映一下小区门口的路灯坏了好几天了",
        "楼下的工地晚上十点以后还在施工噪音特别大",
        "我家的自来水从昨天早上开始就停了什么时候能来水",
        "我要投诉这家饭店乱收费",
        "孩子上学的报名时间是几月几号",
        "垃圾已经一个星期没有人清理了味道很难闻",
        "马路上有一个井盖不见了非常危险",
        "公司拖欠了我两个月的工资没有发",
        "隔壁的邻居半夜放音乐影响休息",
    ),
    (Role.AGENT, "zh", "zm_yunjian"): (
        "您好，市民热线，请问有什么可以帮您？",
        "好的，已经为您登记，请您放心。",
        "请问具体的地址在哪里？",
        "我帮您查一下，请稍等。",
        "我们会在三个工作日内给您答复。",
        "这个问题我为您转给专席处理，请不要挂机。",
        "感谢您的来电，再见。",
    ),
    (Role.CALLER, "ko", "jf_alpha"): (
        "주민등록증을 다시 발급받고 싶습니다",
        "버스 노선에 대해서 문의하고 싶습니다",
        "어제부터 수돗물이 나오지 않습니다",
        "운전면허증을 잃어버렸습니다",
        "내일 아침 아홉시에 다시 전화하겠습니다",
        "우리 동네 가로등이 고장 났습니다",
    ),
    (Role.AGENT, "ko", "jf_gongitsune"): (
        "안녕하세요, 무엇을 도와 드릴까요?",
        "이름과 주소를 말씀해 주십시오.",
        "네, 감사합니다. 안녕히 계십시오.",
    ),
}


def _render(
    file: str, role: Role, language: str, voice: str, text: str, kokoro: SpeechSynthesizer
) -> Utterance:
    spoken = kokoro.synthesize(text, language, Voice("kokoro", voice, KOKORO_MODEL))
    samples = finish_speech(*spoken)
    soundfile.write(DIRECTORY / file, samples, WIDEBAND_HZ, subtype="PCM_16")
    return Utterance(file, role, language, voice, text, round(1000 * len(samples) / WIDEBAND_HZ))


def main() -> None:
    """Render every line and write the manifest, one line of it for each."""
    os.nice(10)
    kokoro = open_engine("kokoro")
    said = [
        _render(f"{role.lower()}-{language}-{number:02}.flac", role, language, voice, text, kokoro)
        for (role, language, voice), texts in LINES.items()
        for number, text in enumerate(texts, start=1)
    ]
    lines = ",\n".join(json.dumps(asdict(utterance), ensure_ascii=False) for utterance in said)
    MANIFEST.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
