"""The workbench's pages, as Streamlit runs them: from the top at every click, for one person at a time.

Every run finds the seat anew by the browser's cookies: who logged out or lost a role since sees nothing more.
"""

import re
from io import BytesIO

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from playhead.analytics.figures import events_figure
from playhead.analytics.queries import catalogue
from playhead.core.errors import Invalid
from playhead.studio import asking
from playhead.studio.seat import Seat, seat_of

EVENTS = """SELECT type AS event, count(*) AS times, count(DISTINCT viewer) AS viewers
FROM events GROUP BY type ORDER BY times DESC, type"""
PERCENT = "SELECT percent FROM progress WHERE percent IS NOT NULL"
EXAMPLE = """-- Tables: events, sections, playbacks; videos, students, progress.
SELECT v.title, count(*) AS pauses
FROM events e JOIN videos v USING (video)
WHERE e.type = 'pause'
GROUP BY v.title
ORDER BY pauses DESC"""
CHARTS = ("none", "bars", "line", "points", "pie", "histogram")


def main() -> None:
    st.set_page_config(page_title="Studio · Playhead", layout="wide")
    seat = seat_of(st.context.cookies)
    if seat is None:
        st.error("You are logged out, or teach no course any more. Nothing is shown here.")
        st.link_button("Log in", "/login/?next=/studio/")
        st.stop()
    course = _chosen_course(seat)
    pages = {
        "Events": lambda: events_page(seat, course),
        "Percent completed": lambda: percent_page(seat, course),
        "One video": lambda: video_page(seat, course),
        "SQL": lambda: sql_page(seat, course),
    }
    chosen = st.sidebar.radio("Page", list(pages), key="page")
    st.sidebar.link_button("Back to the site", "/", width="stretch")
    people = len({student.key for student in seat.students})
    # Not a caption: its grey is too light to be read by everybody.
    st.sidebar.markdown(f":small[{_plain(seat.name)} · what you may see: {len(seat.videos)} videos, {people} students]")
    pages[chosen]()


def _plain(name: str) -> str:
    """A name in Markdown, where some letters would mean something."""
    return re.sub(r"([\\`*_{}\[\]()#+.!:$~<>|-])", r"\\\1", name)


def _chosen_course(seat: Seat) -> str | None:
    titles = {"": "All my courses"} | {video.course: video.course_title for video in seat.videos}
    return st.sidebar.selectbox("Course", list(titles), format_func=lambda key: titles[key], key="course") or None


def frame(seat: Seat, course: str | None, statement: str) -> pd.DataFrame:
    """The answer as a table of pandas."""
    with st.spinner("Reading the lake"):
        answer = asking.ask(seat, statement, course=course)
    if answer.more:
        st.warning(f"Only the first {asking.MOST_ROWS:,} rows are shown.")
    table: pd.DataFrame = answer.table.to_pandas()
    return table


def draw(figure: dict[str, object] | go.Figure, key: str) -> None:
    st.plotly_chart(go.Figure(figure), width="stretch", key=key)


def _said(text: str) -> None:
    """Small, in the colour of text: that of Streamlit's captions is too pale to read (WCAG 2.2, 1.4.3)."""
    st.markdown(":small[" + text.replace("[", "\\[").replace("]", "\\]") + "]")


def events_page(seat: Seat, course: str | None) -> None:
    """The distribution of events, as a whole and by type."""
    st.title("Distribution of events")
    events = frame(seat, course, EVENTS)
    if events.empty:
        st.info("No player has told anything yet.")
        return
    _said(f"{int(events.times.sum()):,} events of {len(events)} types, up to this second.")
    left, right = st.columns(2)
    with left:
        st.subheader("Shares")
        draw(go.Figure(go.Pie(labels=events.event, values=events.times, hole=0.45, sort=True)), "events-pie")
    with right:
        st.subheader("By type")
        draw(
            events_figure(dict(zip(events.event, events.times.tolist(), strict=True)), most=len(events)), "events-bars"
        )
    result(events, "events")


def percent_page(seat: Seat, course: str | None) -> None:
    """The histogram of percent completed, over every student and video."""
    st.title("Percent completed")
    percents = frame(seat, course, PERCENT)
    if percents.empty:
        st.info("There is no student, or no video whose length is known.")
        return
    done = int((percents.percent == 100).sum())
    _said(f"{len(percents):,} pairs of a student and a video; {done:,} of them watched whole.")
    bins = {"start": 0, "end": 105, "size": 5}
    figure = go.Figure(go.Histogram(x=percents.percent, xbins=bins, marker_color="#2f7fcb"))
    figure.update_layout(xaxis_title="percent of the video covered", yaxis_title="students × videos", bargap=0.05)
    draw(figure, "percent")
    counted = percents.groupby(percents.percent // 5 * 5).size().rename("students × videos").reset_index()
    result(counted.rename(columns={"percent": "from percent"}), "percent")


def video_page(seat: Seat, course: str | None) -> None:
    """All figures of the teacher's page, by the same functions."""
    titles = {video.key: video.title for video in seat.videos if course in (None, video.course)}
    if not titles:
        st.info("This course has no videos yet.")
        return
    video = st.selectbox("Video", list(titles), format_func=lambda key: titles[key], key="video")
    st.title(titles[video])
    for number, shown in enumerate(seat.figures(video)):
        st.subheader(shown.title)
        _said(shown.about)
        draw(shown.figure, f"video-{number}")
        with st.expander("As a table"):
            st.dataframe(pd.DataFrame(shown.rows, columns=list(shown.headings)), hide_index=True)


def sql_page(seat: Seat, course: str | None) -> None:
    """Free SQL over what this person may see."""
    st.title("SQL")
    _said(
        f"DuckDB, read-only, over your own courses; at most {asking.MOST_SECONDS:.0f} s and {asking.MOST_ROWS:,} rows."
    )
    named = {query.name: query for query in catalogue().values() if not query.params}
    picked = st.selectbox("Begin with", ["an example", *named], key="named")
    if picked != "an example":
        _said(f"{named[picked].about} Rows: {named[picked].rows}")
    text = named[picked].text.strip() if picked != "an example" else EXAMPLE
    statement = st.text_area("Statement", text, height=200, key=f"statement-{picked}")
    if st.button("Run", type="primary"):
        st.session_state["answer"] = None
        try:
            st.session_state["answer"] = (seat.name, frame(seat, course, statement))
        except Invalid as error:
            st.error(error.detail)
    kept = st.session_state.get("answer")
    if kept and kept[0] == seat.name:
        charted(kept[1])


def charted(answer: pd.DataFrame) -> None:
    """An answer with a chart of one's choice."""
    result(answer, "answer")
    if answer.empty:
        st.info("No rows.")
        return
    columns = st.columns(3)
    kind = columns[0].selectbox("Chart", CHARTS, key="kind")
    if kind == "none":
        return
    x = columns[1].selectbox("Across", list(answer.columns), key="x")
    y = columns[2].selectbox("Up", list(answer.columns), index=len(answer.columns) - 1, key="y")
    traces = {
        "bars": lambda: go.Bar(x=answer[x], y=answer[y]),
        "line": lambda: go.Scatter(x=answer[x], y=answer[y], mode="lines"),
        "points": lambda: go.Scatter(x=answer[x], y=answer[y], mode="markers"),
        "pie": lambda: go.Pie(labels=answer[x], values=answer[y]),
        "histogram": lambda: go.Histogram(x=answer[x], nbinsx=20),
    }
    figure = go.Figure(traces[kind]())
    if kind != "pie":
        figure.update_layout(xaxis_title=x, yaxis_title="rows" if kind == "histogram" else y)
    draw(figure, "own")


def result(table: pd.DataFrame, name: str) -> None:
    """A table, to look at and to take along."""
    st.dataframe(table, hide_index=True, width="stretch")
    parquet = BytesIO()
    table.to_parquet(parquet, index=False)
    left, right, _rest = st.columns([1, 1, 4])
    left.download_button("CSV", table.to_csv(index=False), f"playhead-{name}.csv", "text/csv", key=f"csv-{name}")
    right.download_button("Parquet", parquet.getvalue(), f"playhead-{name}.parquet", key=f"parquet-{name}")


main()
