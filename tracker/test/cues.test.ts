import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cueAt, cuesIn, tileOf } from "../pages/cues.ts";

const BOARD = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nboard-0.jpg#xywh=0,0,160,90\n\n00:00:02.000 --> 00:00:03.500\nboard-0.jpg#xywh=160,0,160,90\n";
const CHAPTERS = "WEBVTT\n\n00:00:00.000 --> 01:00:05.000\nOne\n\n01:00:05.000 --> 01:10:00.000\nTwo &amp; &lt;b>three&lt;/b> --&gt;\n";

describe("what lies beside an uploaded video", () => {
  it("chapters, as the teacher wrote them", () => {
    assert.deepEqual(cuesIn(CHAPTERS), [
      { start_ms: 0, end_ms: 3_605_000, text: "One" },
      { start_ms: 3_605_000, end_ms: 4_200_000, text: "Two & <b>three</b> -->" },
    ]);
  });

  it("the picture of a moment", () => {
    const cues = cuesIn(BOARD);
    const tile = (at_ms: number): unknown => {
      const cue = cueAt(cues, at_ms);
      return cue && tileOf(cue);
    };
    assert.deepEqual(tile(1_999), { page: "board-0.jpg", x: 0, y: 0, width: 160, height: 90 });
    assert.deepEqual(tile(2_000), { page: "board-0.jpg", x: 160, y: 0, width: 160, height: 90 });
    assert.equal(tile(3_500), undefined);
  });

  it("nothing, where there is nothing to be read", () => {
    assert.deepEqual(cuesIn("WEBVTT\n"), []);
    assert.deepEqual(cuesIn("<!doctype html>"), []);
    assert.equal(tileOf({ start_ms: 0, end_ms: 1, text: "One" }), undefined);
  });
});
