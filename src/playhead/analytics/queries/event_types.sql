-- Over all videos: how often each kind of event was told, and by how many.
-- rows: one a type. times; viewers; videos.
-- params: none
-- cost: one scan of events.
SELECT type, count(*) AS times, count(DISTINCT viewer) AS viewers, count(DISTINCT video) AS videos
FROM events
GROUP BY type
ORDER BY type
