-- Of one video: how long each playback took from its opening to the first picture that moved, by the player's clock.
-- rows: one for each playback that told of playing. playback; startup ms; device, browser and network.
-- params: video String
-- cost: the video's events and playbacks.
SELECT p.playback AS playback, min(e.at_ms) - min(p.opened_ms) AS startup_ms,
       min(p.device) AS device, min(p.browser) AS browser, min(p.network) AS network
FROM playbacks AS p
JOIN events AS e ON e.playback = p.playback
WHERE p.video = :video AND e.video = :video AND e.type IN ('play', 'playing')
GROUP BY p.playback
ORDER BY p.playback
