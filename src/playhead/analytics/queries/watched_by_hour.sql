-- Over all videos: at which hours people watch.
-- rows: one for each hour of the week (UTC) with any. weekday, 0 for Monday; hour; watched ms.
-- params: none
-- cost: one scan of sections.
SELECT CAST((floor(began_ms / 86400000) + 3) % 7 AS BIGINT) AS weekday,
       CAST(floor(began_ms / 3600000) % 24 AS BIGINT) AS hour,
       sum(end_ms - start_ms) AS watched_ms
FROM sections
WHERE kind = 'credit' AND start_ms < end_ms
GROUP BY weekday, hour
ORDER BY weekday, hour
