-- Of one video: what was watched again, in stretches of ten seconds, by where the stretch watched again begins.
-- rows: one for each stretch with any. from second; repeats; viewers; ms.
-- params: video String; kind String (credit or imported)
-- cost: the video's sections.
SELECT CAST(floor(start_ms / 10000) * 10 AS BIGINT) AS second,
       count(*) AS repeats, count(DISTINCT viewer) AS viewers, sum(end_ms - start_ms) AS watched_ms
FROM sections
WHERE video = :video AND kind = :kind AND NOT fresh AND start_ms < end_ms
GROUP BY second
ORDER BY second
