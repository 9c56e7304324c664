"""Three figures of a class in twenty lines: which events, how often, and how far everybody came.

PLAYHEAD_DATA=/srv/playhead python examples/analytics.py      needs pip install 'playhead[studio]'
"""
# ruff: noqa: T201, TID251 - a program of its own

import os
from pathlib import Path

import plotly.express as px

from playhead.analytics.lake import open_lake
from playhead.core.progress import progress_percent
from playhead.recorder.databases import open_store

data = Path(os.environ.get("PLAYHEAD_DATA", "playhead-data"))
store = open_store(os.environ.get("PLAYHEAD_DATABASE_URL") or str(data / "tracking.sqlite3"))
with open_lake(reader=store, folder=data / "lake") as lake:  # DuckDB, up to this second
    events = lake.execute("SELECT type, count(*) AS times FROM events GROUP BY type ORDER BY times DESC, type").df()
    seen = lake.execute("""
        SELECT video, viewer, sum(CASE WHEN fresh THEN end_ms - start_ms ELSE 0 END) AS covered_ms, length_ms
        FROM sections JOIN (SELECT video, max(duration_ms) AS length_ms FROM playbacks GROUP BY video) USING (video)
        WHERE kind = 'credit' AND length_ms IS NOT NULL GROUP BY ALL ORDER BY ALL""").df()
pairs = zip(seen.covered_ms, seen.length_ms, strict=True)
seen["percent"] = [progress_percent(int(covered_ms), int(length_ms)) for covered_ms, length_ms in pairs]
shares = px.pie(events, names="type", values="times", title="Distribution of events")
types = px.bar(events, x="times", y="type", orientation="h", title="Events by type")
percent = px.histogram(seen, x="percent", range_x=[0, 101], title="Percent completed").update_traces(xbins_size=5)
page = "".join(figure.to_html(include_plotlyjs=figure is shares) for figure in (shares, types, percent))
Path("playhead.html").write_text(page)
print(f"{events.times.sum()} events of {len(events)} types, {len(seen)} students × videos: playhead.html")
