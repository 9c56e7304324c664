-- Of one video: where viewers jumped to, in stretches of ten seconds.
-- rows: one for each stretch with any. from second; backward and forward jumps whose origin was told; all jumps.
-- params: video String
-- cost: the video's events.
SELECT CAST(floor(m_ms / 10000) * 10 AS BIGINT) AS second,
       sum(CASE WHEN from_ms > m_ms THEN 1 ELSE 0 END) AS backward,
       sum(CASE WHEN from_ms < m_ms THEN 1 ELSE 0 END) AS forward,
       count(*) AS jumps
FROM events
WHERE video = :video AND type = 'seeked' AND m_ms >= 0
GROUP BY second
ORDER BY second
