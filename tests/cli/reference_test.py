"""docs/flags.md is what the code says."""

import dataclasses

from command import ROOT

from seqgan_tf.cli import reference
from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.config import PRESETS, Config

PAGE = (ROOT / "docs/flags.md").read_text()


def test_the_page_is_up_to_date():
    assert reference.page() == PAGE  # else: make docs


def test_every_command_preset_and_flag_is_in_it_with_its_default():
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line[:1] == "|"]
    found = {row[0].strip("`"): row for row in rows}
    assert found.keys() >= {*COMMANDS, *PRESETS}
    assert all(len(row) in (2, 3, 4) for row in rows)
    for field in dataclasses.fields(Config):
        assert Config.is_flag(field.name) == (f"--{field.name}" in found)
    assert found["--mle_epochs"][2] == "`120`" and found["--d_filter_widths"][2] == "`1,2,3,4,5,6,7,8,9,10,15,20`"
    assert found["--corpus"][2] == "" and "`image_coco`" in found["--corpus"][1]
