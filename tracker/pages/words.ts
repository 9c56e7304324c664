/** What the script says to people, in English; a page may bring other words for any of it (see watch.ts). */

export const ENGLISH = {
  needed: "{counted} of {needed} needed",
  watched: "{covered} watched",
  percent: "{number} %",
  unknown: "not known yet",
  saved: "saved",
  saving: "saving",
  waiting: "not yet saved",
  lost: "not saved",
  map: "Where you are in the video; watched {covered}",
  at: "{position} of {duration}",
  from_to: "{what} {from} to {to}",
  layer_watched: "watched",
  layer_again: "watched again",
  layer_refused: "claimed, not credited",
  layer_missed: "not watched",
  notice_playing_elsewhere: "Paused: you began to watch somewhere else. Only one place counts at a time.",
  notice_offline: "You are offline. What you watch is kept here and sent when the connection is back.",
  notice_trouble:
    "What you watch cannot be sent at the moment. It is kept here and tried again. If this stays, a browser extension or the network may be in the way.",
  notice_not_stored: "This browser has no room to keep what you watch. Leave this page open until it says “saved”.",
  notice_set_aside: "The server could not read a report of what you watched: {lost} were not recorded.",
  notice_reopened: "The connection to the server was set up anew; {lost} could not be recorded.",
  notice_ticket_expired: "This page was open for too long and what you watch is not recorded any more; {lost} were lost.",
  notice_closed: "Watching was ended for this page; {lost} were not recorded.",
  notice_leftover_lost: "{lost} that you watched earlier could not be sent in time and were not recorded.",
  notice_logged_out: "You are logged out. Log in again to go on.",
  notice_opening_failed: "The server is not available, so nothing would be counted. Nothing you had is lost. {detail}",
  notice_media_error: "The video could not be loaded.",
  notice_too_fast: "This course counts up to {rate}×.",
  notice_no_seeking: "This video goes on from where you are: what comes later has to be reached by watching.",
  notice_part_over: "Only this part of the video is to be watched.",
  notice_playing_already: "{detail} Close the video there, or try again in a few seconds.",
  notice_tampered: "Paused: the mark with your name over the picture was changed. It has been put back, and this was noted. Press play to go on.",
  notice_internal: "Part of the record of what you watched failed on this page. Please load it again.",
  go_on: "Go on",
  play_here: "Play here",
  try_again: "Try again",
  log_in: "Log in",
  refused_before_open: "It was dated before the video was opened.",
  refused_malformed: "The player reported something that makes no sense.",
  refused_out_of_range: "It lies outside the video.",
  refused_not_allowed: "This part, or this time, was not open to you.",
  refused_not_visible: "The video was not in view, and this course asks for that.",
  refused_not_present: "The question whether you are there was not answered.",
  refused_too_fragmented: "The video was watched in too many tiny pieces.",
  refused_too_fast: "It was played faster than this course allows.",
  refused_not_delivered: "The server never sent this part to your player.",
  refused_too_old: "The report of it came too late.",
  refused_in_future: "It was dated ahead of the server's clock.",
  refused_no_time_left: "Not enough real time had passed for it. That happens when two players run at the same time.",
};

export type Word = keyof typeof ENGLISH;

export class Words {
  #words: Record<string, string>;

  constructor(own: Record<string, string> = {}) {
    this.#words = { ...ENGLISH, ...own };
  }

  say(word: Word, values: Record<string, string | number> = {}): string {
    return (this.#words[word] ?? word).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  /** A reason code in words; the code itself where a newer server has one we do not know. */
  reason(code: string): string {
    return this.#words[`refused_${code}`] ?? code;
  }
}
