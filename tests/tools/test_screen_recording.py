"""A recording has what a terminal shows in the end, and plays it in order."""

import re
import sys
from xml.etree import ElementTree

import pytest

from tools.record_demo import hide
from tools.screen_recording import ROWS, Row, Screen, recorded, svg, text_of


def row(text, changed=0.0):
    return Row([(letter, "") for letter in text], changed)


def shown(screen):
    return [text_of(each) for each in screen.rows]


def test_a_line_that_is_written_again_has_its_last_text():
    screen = Screen()
    screen.feed("one\r\n\x1b[32mtwo\x1b[0m\r\n", 1.0)
    screen.feed("\x1b[1A\x1b[2Kthree\r\n", 2.0)
    assert shown(screen) == ["one", "three", ""]
    assert [each.changed for each in screen.rows[:2]] == [1.0, 2.0]


def test_a_line_longer_than_the_screen_goes_on_below():
    screen = Screen()
    screen.feed("x" * 81, 0.0)
    assert shown(screen) == ["x" * 80, "x"]


def test_what_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="2J"):
        Screen().feed("\x1b[2J", 0.0)


def test_a_program_has_a_terminal_of_80_columns(tmp_path):
    program = "import os, sys; print(os.get_terminal_size().columns, sys.stdout.isatty())"
    assert [text_of(each) for each in recorded([sys.executable, "-c", program], {}, str(tmp_path))] == ["80 True"]


def test_rows_come_one_after_the_other_and_the_last_screen_stays():
    drawn = svg([row(f"line {number}", number / 10) for number in range(60)], "a & b", "run it")
    assert ElementTree.fromstring(drawn) is not None
    places = [int(place) for place in re.findall(r"%\{transform:translateY\((-?\d+)px\)", drawn)]
    assert places == sorted(places, reverse=True)
    assert places[-1] == places[-2] == -(61 - ROWS) * 18


def test_a_folder_is_shown_by_another_name():
    one = row("wrote /tmp/place/file")
    hide(one, "/tmp/place", "~")
    assert text_of(one) == "wrote ~/file"
