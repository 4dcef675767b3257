"""The settings about other systems: what is wrong in them, the shipped examples, secrets that are not set."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callcenter import assembly
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
