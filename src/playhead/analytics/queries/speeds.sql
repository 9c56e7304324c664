-- Of one video: where viewers chose another speed, in stretches of ten seconds.
-- rows: one for each stretch with any. from second; times faster than normal, slower, and back to normal.
-- params: video String
-- cost: the video's events.
SELECT CAST(floor(m_ms / 10000) * 10 AS BIGINT) AS second,
       sum(CASE WHEN rate > 1000 THEN 1 ELSE 0 END) AS faster,
       sum(CASE WHEN rate < 1000 THEN 1 ELSE 0 END) AS slower,
       sum(CASE WHEN rate = 1000 THEN 1 ELSE 0 END) AS normal
FROM events
WHERE video = :video AND type = 'ratechange' AND m_ms >= 0
GROUP BY second
ORDER BY second
