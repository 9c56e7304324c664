-- Of one video: where viewers paused, by second; only in reports that were credited for most of what they claimed.
-- rows: one for each second with any. second; pauses; viewers.
-- params: video String
-- cost: the video's events.
SELECT CAST(floor(m_ms / 1000) AS BIGINT) AS second, count(*) AS pauses, count(DISTINCT viewer) AS viewers
FROM events
WHERE video = :video AND type = 'pause' AND earned AND m_ms >= 0 AND detail NOT LIKE '%"scrubbing":true%'
GROUP BY second
ORDER BY second
