import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MEANINGS } from "../../src/adapter.ts";
import { EVENTS as HLSJS } from "../../src/adapters/hlsjs.ts";
import { EVENTS as KOLLUS } from "../../src/adapters/kollus.ts";
import { EVENTS as MEDIA } from "../../src/adapters/media.ts";
import { pick, PROPS, table, type Row } from "../../src/adapters/table.ts";
import { CLOUDINARY, EVENTS as VIDEOJS } from "../../src/adapters/videojs.ts";
import { EVENTS as VIMEO } from "../../src/adapters/vimeo.ts";
import { CHANGES, STATES, TOLD } from "../../src/adapters/youtube.ts";
import { contractText } from "../conforms.ts";

interface Kind {
  name: string;
  fields: { name: string; type: string; required: boolean }[];
  natives: Record<string, string[]>;
}

const VOCABULARY = new Map((JSON.parse(contractText("events.json")) as Kind[]).map((kind) => [kind.name, kind]));
const TABLES: Record<string, Row[]> = {
  media: MEDIA, "video.js": VIDEOJS, cloudinary: CLOUDINARY, "hls.js": HLSJS, vimeo: VIMEO, kollus: KOLLUS,
  youtube: CHANGES.filter(([native]) => native !== "playerState"),
};

for (const [player, rows] of Object.entries(TABLES)) {
  describe(`the table of ${player}`, () => {
    for (const [native, ours, props] of rows) {
      it(`${native} is ${ours}`, () => {
        const kind = VOCABULARY.get(ours);
        assert.ok(kind);
        const fields = props.map((prop) => PROPS[prop]?.[0] ?? prop);
        const unknown = fields.filter((field) => !kind.fields.some(({ name }) => name === field));
        assert.deepEqual(unknown, []);
        const needed = kind.fields.slice(2).filter(({ name, required }) => required && !fields.includes(name));
        assert.deepEqual(needed, [], "without these the server would refuse the batch");
      });
    }
  });
}

it("Vimeo's 34 events are all there", () => {
  assert.equal(new Set(VIMEO.map(([native]) => native)).size, 34);
});

it("what a native name means is what the contract says, and the other way round", () => {
  for (const [player, rows] of Object.entries(TABLES)) {
    for (const [native, ours] of rows) {
      const claimed = [...VOCABULARY.values()].find(({ natives }) => natives[player]?.includes(native));
      if (claimed) assert.equal(ours, claimed.name, `${player}: ${native}`);
    }
  }
});

it("YouTube's states and messages are in the vocabulary", () => {
  const told = [...Object.values(STATES), ...Object.values(TOLD)];
  assert.deepEqual(told.filter((type) => !VOCABULARY.has(type)), []);
});

it("what has a meaning is in the vocabulary", () => {
  assert.deepEqual(Object.keys(MEANINGS).filter((type) => !VOCABULARY.has(type)), []);
});

describe("fields", () => {
  it("are in our units, whole, and left out where there is none", () => {
    const said = { duration: 61.5004, videoWidth: 320, volume: 0.5, muted: false, quality: "720p", start: NaN, title: null };
    assert.deepEqual(pick(said, ["duration", "videoWidth", "volume", "muted", "quality", "start", "title", "nothing"]), {
      duration_ms: 61_500, width_px: 320, volume_percent: 50, muted: false, quality: "720p",
    });
    assert.deepEqual(pick(null, ["duration"]), {});
    assert.deepEqual(pick({ duration: Infinity, message: "x".repeat(999) }, ["duration", "message"]), { message: "x".repeat(200) });
  });

  it("come from a table that is text", () => {
    assert.deepEqual(table("a b=c d=e:x,y"), [["a", "a", []], ["b", "c", []], ["d", "e", ["x", "y"]]]);
  });
});
