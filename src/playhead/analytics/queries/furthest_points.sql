-- Of one video: where viewers stopped for good: the highest position each was credited for, by ten seconds.
-- rows: one for each stretch in which somebody stopped. from second; viewers.
-- params: video String; kind String (credit or imported)
-- cost: the video's sections.
SELECT CAST(floor((furthest_ms - 1) / 10000) * 10 AS BIGINT) AS second, count(*) AS viewers
FROM (
    SELECT viewer, max(end_ms) AS furthest_ms
    FROM sections
    WHERE video = :video AND kind = :kind AND start_ms < end_ms
    GROUP BY viewer
) AS each_viewer
GROUP BY second
ORDER BY second
