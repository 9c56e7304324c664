-- Of one video: on what it was opened.
-- rows: one for each combination. playbacks; viewers.
-- params: video String
-- cost: the video's playbacks.
SELECT device, browser, os, network, country, count(*) AS playbacks, count(DISTINCT viewer) AS viewers
FROM playbacks
WHERE video = :video AND kind = 'live'
GROUP BY device, browser, os, network, country
ORDER BY device, browser, os, network, country
