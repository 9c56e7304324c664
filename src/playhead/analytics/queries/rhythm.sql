-- Of one video: how each playback went on: what a person who judges about odd ones looks at first.
-- rows: one for each playback with any claim. viewer; claims; the shortest and longest claim and their sum (ms); refused ms.
-- params: video String
-- cost: the video's sections.
SELECT playback, min(viewer) AS viewer, count(*) AS claims, min(claimed_ms) AS shortest_ms, max(claimed_ms) AS longest_ms,
       sum(claimed_ms) AS claimed_ms, sum(refused_ms) AS refused_ms
FROM (SELECT playback, viewer, claimed_ms, refused_ms FROM sections
      WHERE video = :video AND kind = 'credit' AND piece = 0) AS claimed
GROUP BY playback
ORDER BY playback
