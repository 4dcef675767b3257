"""The settings about other systems: what is wrong in them, the shipped examples, secrets that are not set."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from callcenter import assembly
from callcenter.cli.doctor import environment_checks
from callcenter.cli.running import prepare
from callcenter.embedded.doctor_checks import Check
from callcenter.places import Places
from callcenter.settings import Settings, load_settings
from located_yaml import Mistakes

SHIPPED = Path(__file__).parents[2] / "config"
GOOD = "url: 'https://h/{n}', results: {a: b}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The shipped settings, to be changed."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "config"))


def with_example(directory: Path, file: str) -> Settings:
    """The settings with the example of this file in force."""
    path = directory / file
    lines = path.read_text(encoding="utf-8").splitlines()
    begin = lines.index(f"# {path.stem}:")
    example = [line[2:] for line in lines[begin:] if line.startswith("# ")]
    path.write_text("\n".join(example), encoding="utf-8")
    return load_settings(directory)


def test_the_examples_that_are_shipped_are_right(directory: Path) -> None:
    """Whoever takes the signs of comment away has settings that work, with what flows may use."""
    settings = with_example(directory, "look_ups.yaml")
    shapes = assembly.outside(settings).look_ups
    assert set(shapes["citizen"].needs) == {"number", "lang"}
    assert set(shapes["balance"].needs) == {"account"}
    assert set(shapes["citizen"].gives) == {"name", "vip"}
    assert {"caller", "ticket"} < shapes.keys()
    settings = with_example(directory, "webhooks.yaml")
    assert assembly.outside(settings).webhooks == ("crm",)
    assert "vip" in assembly.outside(settings).caller_lists


def test_a_secret_that_is_not_set_is_told(directory: Path) -> None:
    """Each with the field that needs it."""
    with_example(directory, "look_ups.yaml")
    settings = with_example(directory, "webhooks.yaml")
    told = [str(one) for one in assembly.unset_variables(settings, {"CRM_KEY": "k"})]
    assert [line.partition(": ")[2] for line in told] == [
        "look_ups.citizen.secret_headers.Authorization: set the environment variable CRM_TOKEN",
        "webhooks.crm.sign_with: set the environment variable CRM_HOOK_SECRET",
    ]
    every = dict.fromkeys(("CRM_KEY", "CRM_TOKEN", "CRM_HOOK_SECRET"), "x")
    assert assembly.unset_variables(settings, every) == []


def test_every_secret_of_a_number_or_a_trunk_is_told_at_the_start(directory: Path) -> None:
    """A number's comes in force by a reload too, a trunk's by a start only; an empty value is none."""
    environment = {
        "CALLCENTER__NUMBERS__12349": "{flow: prompt_studio, secrets: {studio_code: STUDIO_CODE}}",
        "CALLCENTER__ANY_NUMBER__SECRETS": "{pin: PIN, seal: SEAL}",
        "CALLCENTER__TRUNKS__CITY__REGISTRATION": "{server: sip.example.org, user: u, secret_env: CITY}",
    }
    settings = load_settings(directory, environment=environment)
    told = [one.message for one in assembly.unset_at_start(settings, {"PIN": "1", "SEAL": ""})]
    assert told == [
        "numbers.12349.secrets.studio_code: set the environment variable STUDIO_CODE",
        "any_number.secrets.seal: set the environment variable SEAL",
        "trunks.city.registration.secret_env: set the environment variable CITY",
    ]
    unset = assembly.unset_variables(settings, {"PIN": "1", "SEAL": ""})
    assert [one.message for one in unset] == told[:2]
    assert assembly.unset_at_start(settings, dict.fromkeys(("PIN", "SEAL", "STUDIO_CODE", "CITY"), "x")) == []


def test_the_password_of_a_softphones_server_is_told_at_the_start(directory: Path) -> None:
    """By its place in the list; one that needs none is not asked for it."""
    servers = "[{urls: 'stun:127.0.0.1'}, {urls: 'turn:127.0.0.1', username: u, credential_env: TURN}]"
    settings = load_settings(directory, environment={"CALLCENTER__SOFTPHONES__ICE_SERVERS": servers})
    (told,) = assembly.unset_at_start(settings, {})
    assert told.message == "softphones.ice_servers.1.credential_env: set the environment variable TURN"
    assert assembly.unset_at_start(settings, {"TURN": "x"}) == []
    assert assembly.unset_variables(settings, {}) == []


@pytest.mark.parametrize("variable", ["''", "a b", "1X"])
def test_what_no_environment_variable_can_be_called_is_refused(directory: Path, variable: str) -> None:
    """With its place, before anybody looks for it."""
    written = f"{{flow: prompt_studio, secrets: {{studio_code: {variable}}}}}"
    with pytest.raises(Mistakes, match=r"numbers\.12349\.secrets\.studio_code"):
        load_settings(directory, environment={"CALLCENTER__NUMBERS__12349": written})


async def test_neither_a_start_nor_the_doctor_is_silent_about_a_missing_secret(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start refuses before anything is made or started; the doctor tells it as one that stands in the
    way, but not of a centre that runs already: that has an environment of its own."""
    monkeypatch.delenv("STUDIO_CODE", raising=False)
    number = "{flow: prompt_studio, secrets: {studio_code: STUDIO_CODE}}"
    settings = load_settings(directory, environment={"CALLCENTER__NUMBERS__12349": number})
    places = Places(tmp_path / "var")
    with pytest.raises(Mistakes, match="studio_code: set the environment variable STUDIO_CODE"):
        await prepare(settings, places, (), Console())
    assert not places.data_dir.exists()
    told = "numbers.12349.secrets.studio_code has no value in this shell"
    for runs in (False, True):
        (check,) = environment_checks(settings, runs=runs)
        assert check == Check("environment", runs, told, "set the environment variable STUDIO_CODE")
    monkeypatch.setenv("STUDIO_CODE", "471108")
    (check,) = environment_checks(settings, runs=False)
    assert (check.ok, check.cure) == (True, "")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("look_ups: {x: {url: 'ftp://h/', results: {a: b}}}", "begins with http:// or https:// and a host"),
        ("look_ups: {x: {url: 'http://{h}/', results: {a: b}}}", "not in the host"),
        ("look_ups: {x: {url: 'http://h/{n!r}', results: {a: b}}}", "other braces are not allowed"),
        ("look_ups: {x: {url: 'http://u:p@h/', results: {a: b}}}", "use 'secret_headers'"),
        ("look_ups: {x: {url: 'http://h/', results: {}}}", "results"),
        ("look_ups: {x: {url: 'http://h/', results: {a: 'b..c'}}}", "results.a"),
        (f"look_ups: {{x: {{{GOOD}, timeout: 5}}}}", "unknown field 'timeout'; did you mean 'timeout_ms'?"),
        (f"look_ups: {{x: {{{GOOD}, timeout_ms: 5}}}}", "greater than or equal to 50"),
        (f"look_ups: {{x: {{{GOOD}, headers: {{'A b': x}}}}}}", "look_ups.x.headers"),
        (f'look_ups: {{x: {{{GOOD}, headers: {{A: "x\\ny"}}}}}}', "look_ups.x.headers.A"),
        (f"look_ups: {{x: {{{GOOD}, body: {{a: n}}}}}}", "a GET has no body: add 'method: POST'"),
        (f"look_ups: {{ticket: {{{GOOD}}}}}", "'ticket' is one of the centre's own look-ups"),
        (f"look_ups: {{my-crm: {{{GOOD}}}}}", "my-crm"),
        ("webhooks: {x: {url: 'http://h/{n}'}}", "what is told stands in its body"),
        ("webhooks: {x: {url: 'http://h/', sign_with: 'a b'}}", "webhooks.x.sign_with"),
        ("caller_lists: {my-list: x}", "my-list"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(directory: Path, written: str, words: str) -> None:
    """File, line and column."""
    overlay = directory.parent / "overlay.yaml"
    overlay.write_text(written, encoding="utf-8")
    with pytest.raises(Mistakes) as refused:
        load_settings(directory, [overlay])
    assert any(str(one).startswith(f"{overlay}:1:") and words in str(one) for one in refused.value.found), [
        str(one) for one in refused.value.found
    ]
