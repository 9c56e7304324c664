-- Over all videos: what was watched on each day (UTC, of receipt).
-- rows: one a day. viewers; videos; watched ms.
-- params: none
-- cost: one scan of sections.
SELECT CAST(day AS VARCHAR) AS day, count(DISTINCT viewer) AS viewers, count(DISTINCT video) AS videos,
       sum(end_ms - start_ms) AS watched_ms
FROM sections
WHERE kind = 'credit' AND start_ms < end_ms
GROUP BY day
ORDER BY day
