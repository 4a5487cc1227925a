"""The words beside a chart's lines can be read, wherever the lines end."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from inbox.queries.report_filter import ReportFilter
from inbox.queries.reports import Figures, ResponseReport
from inbox.runtime.languages import language
from inbox.web.charts import day_chart

DAY = date(2026, 11, 24)


@pytest.mark.parametrize("p50, p90", [(300, 301), (0, 0), (0, 300), (5, 1200), (None, None)])
def test_words_cover_neither_each_other_nor_the_chart_s_edge(p50: int | None, p90: int | None) -> None:
    figures = Figures("", "", 3, p50, p90, p90, 1.0, 3, 0, 0)
    report = ResponseReport(
        ReportFilter(DAY, DAY), 300, figures, figures, (DAY, DAY), ((DAY, figures),), (), (), (), ()
    )
    words = day_chart(report, language("ru")).words
    assert set(words) == {"target"} | ({"p50", "p90"} if p50 is not None else set())
    assert all(lower - upper >= 8.9 for upper, lower in pairwise(sorted(words.values())))
    assert all(0 <= height <= 100 for height in words.values())
