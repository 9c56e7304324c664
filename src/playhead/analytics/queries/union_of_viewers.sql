-- Of one video: the exact union of what each viewer was credited, computed anew from the stretches alone. It must
-- equal `covered_ms` of `viewer_progress`, which adds up what was fresh: two ways to one number.
-- rows: one a viewer who was credited anything. covered ms.
-- params: video String; kind String (credit or imported)
-- cost: the video's sections, sorted by viewer and position.
SELECT viewer, sum(greatest(0, end_ms - greatest(start_ms, reached_ms))) AS covered_ms
FROM (
    SELECT viewer, start_ms, end_ms,
           coalesce(max(end_ms) OVER (
               PARTITION BY viewer ORDER BY start_ms, end_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0) AS reached_ms
    FROM sections
    WHERE video = :video AND kind = :kind AND start_ms < end_ms
) AS stretches
GROUP BY viewer
ORDER BY viewer
