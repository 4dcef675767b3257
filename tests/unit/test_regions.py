"""Where numbers belong: by the prefixes of the centre's country, else by country."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.domain.numbering import NumberingPlan
from callcenter.regions.service import Regions
from callcenter.regions.table import RegionTable


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Regions:
    """Those of China, written as at a first start."""
    made = Regions(tmp_path_factory.mktemp("regions"), "CN")
    assert made.of("+8613812345678", "zh") == ""
    asyncio.run(made.prepare())
    return made


@pytest.mark.parametrize(
    ("shown", "zh", "en"),
    [
        ("13812345678", "江苏省连云港市", "Lianyungang, Jiangsu"),
        ("008613800138000", "北京市", "Beijing"),
        ("02155512345", "上海市", "Shanghai"),
        ("057188888888", "浙江省杭州市", "Hangzhou, Zhejiang"),
        ("0014155550123", "美国", "United States"),
        ("0082212345678", "韩国", "South Korea"),
        ("12345", "", ""),
        ("+1", "", ""),
        ("+999123456", "", ""),
        ("anonymous", "", ""),
        ("", "", ""),
    ],
)
def test_a_number_belongs_somewhere(regions: Regions, shown: str, zh: str, en: str) -> None:
    canonical = NumberingPlan("CN").canonical(shown)
    assert (regions.of(canonical, "zh"), regions.of(canonical, "en")) == (zh, en)


def test_the_table_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no table, and a country that nobody named, keep nothing from working."""
    broken = Regions(tmp_path, "CN")
    broken._path.write_bytes(b"no table")
    monkeypatch.setattr(Regions, "_written", None)
    asyncio.run(broken.prepare())
    nowhere = Regions(tmp_path, "")
    asyncio.run(nowhere.prepare())
    assert broken.of("+8613812345678", "zh") == nowhere.of("+8613812345678", "zh") == ""
    with pytest.raises(Exception, match="database"):
        RegionTable(broken._path)
