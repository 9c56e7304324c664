-- Of one video: how far each viewer came.
-- rows: one a viewer. covered, watched, paid and refused ms; the highest position (ms); when first and last (epoch ms).
-- params: video String; kind String (credit or imported)
-- cost: the video's sections.
SELECT viewer,
       sum(CASE WHEN fresh THEN end_ms - start_ms ELSE 0 END) AS covered_ms,
       sum(end_ms - start_ms) AS watched_ms,
       sum(paid_ms) AS paid_ms,
       sum(refused_ms) AS refused_ms,
       max(CASE WHEN start_ms < end_ms THEN end_ms ELSE 0 END) AS furthest_ms,
       min(received_ms) AS first_ms,
       max(received_ms) AS last_ms
FROM sections
WHERE video = :video AND kind = :kind
GROUP BY viewer
ORDER BY viewer
