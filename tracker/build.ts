/** Builds the scripts the site serves (as plain <script>) and the package others import. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";

const SITE = "../src/playhead/lms/static/playhead";

const common: BuildOptions = { bundle: true, minify: true, target: "es2022", charset: "utf8", logLevel: "info" };

const forPages = { ...common, format: "iife" as const, outdir: SITE };
await build({ ...forPages, entryPoints: { playhead: "src/index.ts" } });
await build({ ...forPages, entryPoints: ["logout", "matrix", "stretches", "figures", "library", "live", "callback-message"].map((name) => `pages/${name}.ts`) });
// One for each kind of player, its SDK from npm in it; hls.js in the build without captions of its own, DRM and worker files.
const kinds = ["watch", "watch-hls", "watch-vimeo", "watch-youtube", "watch-cloudinary", "watch-kollus"];
const alias = { "hls.js": "hls.js/light" };
await build({ ...forPages, alias, logLevel: "warning", entryPoints: kinds.map((name) => `pages/${name}.ts`) });
// Beside one another: the first loads the second when it has a playlist to play.
mkdirSync(`${SITE}/cloudinary`, { recursive: true });
for (const name of ["player-full.min.js", "adaptive-streaming.min.js", "player.min.css"]) {
  copyFileSync(`node_modules/cloudinary-video-player/dist/${name}`, `${SITE}/cloudinary/${name}`);
}
copyFileSync("node_modules/@picocss/pico/css/pico.classless.min.css", `${SITE}/pico.classless.min.css`);
copyFileSync("node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js", `${SITE}/plotly-cartesian.min.js`);

rmSync("dist", { recursive: true, force: true }); // a type that is no more must not be packed
await build({ ...common, entryPoints: { playhead: "src/index.ts" }, format: "iife", outdir: "dist" });
await build({ ...common, entryPoints: { playhead: "src/tracker.ts" }, format: "esm", outdir: "dist", outExtension: { ".js": ".mjs" } });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "tsconfig.types.json"], { stdio: "inherit" });

// What another site writes beside the script's address, so that its pages run this very build or none.
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const integrity = `sha384-${createHash("sha384").update(readFileSync(`${SITE}/playhead.js`)).digest("base64")}`;
writeFileSync(`${SITE}/integrity.json`, `${JSON.stringify({ version, "playhead.js": integrity })}\n`);

/** With every adapter, and a little room. The aim was 7,000: with the adapter for a <video> alone it is 8,000. */
const MOST_GZIP_BYTES = 12_150;
const size = gzipSync(readFileSync("dist/playhead.js"), { level: 9 }).length;
console.log(`playhead.js: ${size} bytes gzipped, of at most ${MOST_GZIP_BYTES}`);
if (size > MOST_GZIP_BYTES) throw new Error("playhead.js has grown past its limit");
