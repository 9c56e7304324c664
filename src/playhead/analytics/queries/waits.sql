-- Of one video: where playing had to wait for data, in stretches of ten seconds.
-- rows: one for each stretch with any. from second; waits; viewers.
-- params: video String
-- cost: the video's events.
SELECT CAST(floor(m_ms / 10000) * 10 AS BIGINT) AS second, count(*) AS waits, count(DISTINCT viewer) AS viewers
FROM events
WHERE video = :video AND type IN ('waiting', 'stalled') AND m_ms >= 0
GROUP BY second
ORDER BY second
