"""The analysts' workbench: Streamlit behind the site's session, over the lake and the figures of the teacher's pages.

It needs the extra `studio` (Streamlit, pandas, Plotly, pyarrow); the rest of Playhead needs none of them.
"""
