/**
 * What the script says to people, in English; a page may bring other words for any of it (see watch.ts). Why something was
 * not counted it always brings itself, as `refused_REASON`: the server says the same in its tables.
 */

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
  presence_title: "Are you still there?",
  presence_text: "This course asks now and then. Answer within a minute and the video plays on.",
  presence_late: "Paused: what plays without an answer would not count. Nothing you had is lost.",
  presence_answer: "I am here",
  quality_auto: "Auto",
  captions_off: "Off",
  go_on: "Go on",
  play_here: "Play here",
  try_again: "Try again",
  log_in: "Log in",
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

  /** A reason code in words; the code itself where the page brought none for it. */
  reason(code: string): string {
    return this.#words[`refused_${code}`] ?? code;
  }
}
