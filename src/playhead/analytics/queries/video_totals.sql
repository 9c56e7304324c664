-- Of each video: who watched how much of it.
-- rows: one a video. viewers; covered and watched ms (repeats included); refused ms; claims.
-- params: none
-- cost: one scan of sections.
SELECT video,
       count(DISTINCT CASE WHEN start_ms < end_ms THEN viewer END) AS viewers,
       sum(CASE WHEN fresh THEN end_ms - start_ms ELSE 0 END) AS covered_ms,
       sum(end_ms - start_ms) AS watched_ms,
       sum(refused_ms) AS refused_ms,
       sum(CASE WHEN piece = 0 THEN 1 ELSE 0 END) AS claims
FROM sections
WHERE kind = 'credit'
GROUP BY video
ORDER BY video
