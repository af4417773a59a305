"""docs/llm.md tells the truth."""

import re
from pathlib import Path

from pincite import errors
from pincite.llm.address import host_of
from pincite.settings import Settings

TEXT = (Path(__file__).parents[2] / "docs/llm.md").read_text(encoding="utf-8")


def test_settings_and_codes_exist_and_urls_are_good() -> None:
    named = set(re.findall(r"PINCITE_(\w+)", TEXT))
    assert named <= {name.upper() for name in Settings.model_fields}
    codes = {kind.code for kind in errors.LLMError.__subclasses__()}
    assert set(re.findall(r"`(llm_\w+)`", TEXT)) == codes
    urls = re.findall(r"https?://[^\s`]+", TEXT)
    assert len(urls) > 7
    for url in urls:
        assert host_of(url)
