-- Of one video: how many viewers saw each second, and how often it was seen. A second is seen when its middle was.
-- rows: one for each second at which either number changes; both hold until the next row. second; viewers; views.
-- params: video String; kind String (credit or imported)
-- cost: the video's sections, sorted by second.
SELECT second, viewers, views
FROM (
    SELECT second,
           sum(sum(viewer_change)) OVER (ORDER BY second ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS viewers,
           sum(sum(view_change)) OVER (ORDER BY second ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS views
    FROM (
        SELECT CAST(floor((start_ms + 499) / 1000) AS BIGINT) AS second,
               CASE WHEN fresh THEN 1 ELSE 0 END AS viewer_change, 1 AS view_change
        FROM sections WHERE video = :video AND kind = :kind AND start_ms < end_ms
        UNION ALL
        SELECT CAST(floor((end_ms + 499) / 1000) AS BIGINT),
               CASE WHEN fresh THEN -1 ELSE 0 END, -1
        FROM sections WHERE video = :video AND kind = :kind AND start_ms < end_ms
    ) AS changes
    GROUP BY second
    HAVING sum(viewer_change) <> 0 OR sum(view_change) <> 0
) AS counts
ORDER BY second
