"""What is drawn: parsed again, since a browser will."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from markupsafe import Markup

from app.web.charts.bars import LEAST, bars
from app.web.charts.frame import HALF, NARROW, WIDE, Size, shown
from app.web.charts.lines import APART, apart, lines, runs
from app.web.charts.patterns import MARKS, patterns, swatch
from app.web.charts.plot import Label, Plot, Series, largest
from app.web.charts.small import meter, parts, spark

HOSTILE = "</svg><script>alert(1)</script>\"'&\u202e"
Chart = Callable[[Plot, Size], Markup]
SIZES = (WIDE, HALF, NARROW)


def plot(*values: list[float | None], names: str = "abcdefg", gist: str = "A gist.") -> Plot:
    series = [Series(names[mark], each, mark) for mark, each in enumerate(values)]
    labels = [Label(f"{day} Nov", f"Day {day}") for day in range(1, len(values[0]) + 1)]
    return Plot(gist, labels, series)


def drawn(markup: Markup) -> Element:
    return fromstring(str(markup))  # noqa: S314 - our own


def by_class(svg: Element, name: str) -> list[Element]:
    return [each for each in svg.iter() if name in each.get("class", "").split()]


def tips(svg: Element) -> list[str]:
    return [title.text or "" for hit in by_class(svg, "hit") for title in hit]


def segments(path: Element) -> list[tuple[float, float, float]]:
    """The upper edge, width and height of each bar of a path."""
    found = re.findall(r"M[\d.]+ ([\d.]+)h([\d.]+)v([\d.]+)", path.get("d", ""))
    return [(float(y), float(width), float(height)) for y, width, height in found]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chart", [bars, lines])
def test_a_chart_says_its_gist_and_stays_in_its_drawing(chart: Chart, size: Size) -> None:
    svg = drawn(chart(plot([1.0] * 90, [7.0] * 90), size))
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "A gist.")
    assert svg.get("viewBox") == f"0 0 {size.width} {size.height}"
    for text in by_class(svg, "axis"):
        assert 0 <= float(text.get("x", "")) <= size.width
        assert 0 <= float(text.get("y", "")) <= size.height
    assert not any(each.get("style") for each in svg.iter())


@pytest.mark.parametrize("chart", [bars, lines])
def test_hostile_names_are_text_wherever_they_stand(chart: Chart) -> None:
    label = Label(HOSTILE, HOSTILE)
    made = chart(
        Plot(HOSTILE, [label, label], [Series(HOSTILE, [1, 2]), Series("b", [3, 4], 1)]), NARROW
    )
    assert "<script" not in made
    svg = drawn(made)
    assert svg.get("aria-label") == HOSTILE
    assert HOSTILE in tips(svg)[0]
    assert by_class(svg, "axis")[-1].text == HOSTILE


def test_bars_stand_on_each_other_and_are_as_high_as_their_values() -> None:
    svg = drawn(bars(plot([30.0, 0.0], [10.0, 40.0]), WIDE))
    [[first], [second, alone]] = map(segments, by_class(svg, "fill"))
    assert first[2] == pytest.approx(3 * second[2], abs=2.5)
    assert second[0] + second[2] == pytest.approx(first[0], abs=1)
    assert alone[0] == second[0]  # both come to 40


def test_what_is_there_is_seen_however_little_and_what_is_not_is_not_drawn() -> None:
    svg = drawn(bars(plot([1.0, 1_000_000.0, 0.0, None]), NARROW))
    [path] = by_class(svg, "fill")
    assert [height >= LEAST for _, _, height in segments(path)] == [True, True]
    assert tips(svg) == ["Day 1: 1", "Day 2: 1,000,000"]


@pytest.mark.parametrize("chart", [bars, lines])
@pytest.mark.parametrize("values", [[0.0], [None], [0.0, 0.0], [None, None]])
def test_of_nothing_an_empty_chart_is_drawn(chart: Chart, values: list[float | None]) -> None:
    svg = drawn(chart(plot(values), HALF))
    assert [each.text for each in by_class(svg, "axis")][:2] == ["0", "1"]
    assert by_class(svg, "fill") == []


def test_a_tip_tells_the_sum_and_each_part_that_is_there() -> None:
    svg = drawn(bars(plot([30.0, 0.0], [10.0, 40.0]), WIDE))
    assert tips(svg) == ["Day 1: 40\na: 30\nb: 10", "Day 2: 40\nb: 40"]


def test_a_line_has_gaps_and_what_stands_alone_is_a_dot() -> None:
    svg = drawn(lines(plot([1.0, 2.0, None, 3.0, None]), HALF))
    [path] = by_class(svg, "line")
    assert path.get("d", "").count("M") == 1
    assert len(by_class(svg, "dot")) == 1
    assert tips(svg) == ["Day 1: 1", "Day 2: 2", "Day 4: 3"]


def test_of_lines_no_sum_is_told() -> None:
    assert tips(drawn(lines(plot([1.0], [2.0]), HALF))) == ["Day 1\na: 1\nb: 2"]


def test_stretches_between_gaps() -> None:
    assert list(runs([None, 1, 2, None, 0])) == [range(1, 3), range(4, 5)]
    assert list(runs([])) == []


def test_short_names_stand_at_the_ends_of_their_lines_without_touching() -> None:
    svg = drawn(lines(plot([5.0, 5.0], [5.1, 5.1], [5.2, 5.2]), HALF))
    places = sorted(float(each.get("y", "")) for each in by_class(svg, "name"))
    assert all(lower - upper >= APART - 0.2 for upper, lower in pairwise(places))


def test_names_that_are_pushed_apart_stay_above_the_axis() -> None:
    assert apart([90, 91, 92], 100) == [74, 87, 100]
    assert apart([10, 50], 100) == [10, 50]
    assert apart([], 100) == []


@pytest.mark.parametrize(("number", "step"), [(90, 12.0), (90, 3.0), (1, 300.0), (7, 40.0)])
def test_labels_on_the_axis_never_stand_in_each_other(number: int, step: float) -> None:
    labels = [Label("22 Nov", "")] * number
    chosen = shown(labels, step)
    assert chosen[0] == 0
    assert all((second - first) * step >= 40 for first, second in pairwise(chosen))


def test_the_largest_series_are_kept_and_the_others_are_one() -> None:
    many = [Series(str(each), [each, 1.0 if each else None]) for each in range(8)]
    found = largest(many, MARKS, "Other")
    assert [each.name for each in found] == ["7", "6", "5", "4", "3", "Other"]
    assert [each.mark for each in found] == [0, 1, 2, 3, 4, 5]
    assert found[-1].values == [0 + 1 + 2, 2]


def test_nothing_is_called_other_that_would_be_one_alone() -> None:
    six = [Series(str(each), [each]) for each in range(6)]
    assert [each.name for each in largest(six, MARKS, "Other")] == list("543210")


def test_each_mark_but_the_first_has_a_pattern_that_bars_are_filled_with() -> None:
    ids = {each.get("id") for each in drawn(patterns()).iter("pattern")}
    assert ids == {f"mark-{mark}" for mark in range(1, MARKS + 1)}
    marks = by_class(drawn(bars(plot(*[[1.0]] * (MARKS + 1)), WIDE)), "fill")
    assert [each.get("fill") for each in marks] == [
        None, *(f"url(#mark-{mark})" for mark in range(1, MARKS + 1))
    ]  # fmt: skip
    assert 'fill="url(#mark-3)"' in swatch(3)
    assert 'class="line l3"' in swatch(3, line=True)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([0, 10], "M0 22L100 2"),
        ([5], "M0 2L100 2"),
        ([0, 0], "M0 22L100 22"),
        ([1, None, 1], "M0 2L50 2M100 2L100 2"),
        ([], ""),
    ],
)
def test_a_line_in_a_tile(values: list[float | None], path: str) -> None:
    [line] = drawn(spark(values)).iter("path")
    assert line.get("d") == path


def test_a_bar_is_as_long_as_its_part_and_never_longer_than_the_whole() -> None:
    widths = [
        [rect.get("width") for rect in drawn(meter(part, whole)).iter("rect")]
        for part, whole in ((1, 4), (9, 4), (0, 4), (3, 0))
    ]
    assert widths == [["25"], ["100"], [], []]


def test_parts_of_a_bar_lie_beside_each_other() -> None:
    svg = drawn(parts([("a", 1), ("b", 0), (HOSTILE, 3)], 'Of "it".', NARROW))
    assert (svg.get("aria-label"), svg.get("viewBox")) == ('Of "it".', "0 0 340 24")
    first, second = svg.iter("rect")
    assert [(each.get("x"), each.get("width")) for each in (first, second)] == [
        ("0", "85"),
        ("85", "255"),
    ]
    assert second[0].text == HOSTILE
    assert drawn(parts([], "", WIDE)).get("role") == "img"


@pytest.mark.parametrize("step", [5.0, 8.0, 20.0, 40.0])
def test_of_the_hours_of_two_days_both_midnights_are_written(step: float) -> None:
    hours = [Label(f"{hour % 24:02}:00", "") for hour in range(48)]
    assert {0, 24} <= {*shown(hours, step)}
