-- Of one video: what players told on each day (UTC, of receipt).
-- rows: one for each day and type. times.
-- params: video String
-- cost: the video's events.
SELECT CAST(day AS VARCHAR) AS day, type, count(*) AS times
FROM events
WHERE video = :video
GROUP BY day, type
ORDER BY day, type
