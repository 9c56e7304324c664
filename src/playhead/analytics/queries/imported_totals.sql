-- Of each video: what other systems told of it; never mixed with what was watched here.
-- rows: one a video with any. viewers; covered and watched ms; sessions.
-- params: none
-- cost: one scan of sections.
SELECT video, count(DISTINCT viewer) AS viewers,
       sum(CASE WHEN fresh THEN end_ms - start_ms ELSE 0 END) AS covered_ms,
       sum(end_ms - start_ms) AS watched_ms, count(DISTINCT playback) AS sessions
FROM sections
WHERE kind = 'imported'
GROUP BY video
ORDER BY video
