/** Builds the scripts the site serves (as plain <script>) and the package others import. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { minify } from "terser";

const SITE = "../src/playhead/lms/static/playhead";

const common: BuildOptions = { bundle: true, minify: true, target: "es2022", charset: "utf8", logLevel: "info" };

const forPages = { ...common, format: "iife" as const, outdir: SITE };
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

/** Tables of other makers' players lie beside the entry, which loads the one it needs: as files of their own, whoever bundles the entry. */
const beside: Plugin = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /^/ }, ({ kind, path }) => (kind === "dynamic-import" ? { path: path.replace(/^\.\/(.*)\.ts$/, "./players/$1.js"), external: true } : null));
  },
};

/** Where there is nothing beside it, nothing is waited for: all tables are there from the start. */
const together: Plugin = {
  name: "together",
  setup({ onResolve }) {
    onResolve({ filter: /\/arriving\.ts$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace("arriving", "all")) }));
  },
};

/** Members that never leave a script, so that they may be called anything in it. A name that is missing here only costs bytes. */
const INSIDE = [
  "unsentSince", "openSince", "playedAt", "onVisibility", "onFullscreen", "onLeave", "onRestore", "onNetwork", "onFlush", "onAside",
  "onClosed", "onLeftoverClosed", "onTrouble", "onNotStored", "onTaken", "sendNow", "setAside", "comeBack", "batched", "batch",
  "beat_ms", "wall_ms", "life_ms", "position_ms", "thin_ms", "cut", "soon", "look", "leave", "tidy", "drop", "own", "store", "later",
  "perf", "beacon", "deferred", "expected_ms", "told", "pass", "rebind", "aboutMedia",
];

/** One file, as small as two minifiers make it; `scope` keeps a plain script's names to itself. To browsers a plain script of another
 * host lies nowhere, so it says itself what lies beside it.
 */
async function write(source: string, target: string, { plugins = [], scope = false }: { plugins?: Plugin[]; scope?: boolean } = {}): Promise<void> {
  const load = "const here=document.currentScript?.src||document.baseURI,load=name=>import(new URL(`players/${name}.js`,here));";
  const wrapped = scope ? { banner: { js: `(()=>{${load}` }, footer: { js: "})()" } } : {};
  const { outputFiles } = await build({ ...common, ...wrapped, logLevel: "warning", entryPoints: [source], format: "esm", plugins, write: false });
  const [bundled] = outputFiles;
  const text = bundled?.text ?? "";
  const placed = scope ? text.replace(/import\("\.\/players\/(\w+)\.js"\)/g, 'load("$1")') : text;
  const compress = { passes: 6, keep_fargs: false, unsafe: true, unsafe_arrows: true };
  const mangle = { properties: { regex: new RegExp(`^(${INSIDE.join("|")})$`) } };
  const { code } = await minify(placed, { ecma: 2020, module: !scope, compress, mangle });
  writeFileSync(target, `${code}\n`);
}

rmSync("dist", { recursive: true, force: true }); // a type that is no more must not be packed
mkdirSync("dist/players", { recursive: true });
await write("src/index.ts", "dist/playhead.js", { plugins: [beside], scope: true });
await write("src/package.ts", "dist/playhead.mjs", { plugins: [beside] });
const players = ["videojs", "hlsjs", "vimeo", "youtube", "kollus"];
for (const player of players) await write(`src/adapters/${player}.ts`, `dist/players/${player}.js`);
// For whoever pins what runs on a page: everything in one file.
await write("src/index.ts", "dist/playhead-all.js", { plugins: [together], scope: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "tsconfig.types.json"], { stdio: "inherit" });

const scripts = ["playhead.js", "playhead-all.js", ...players.map((player) => `players/${player}.js`)];
mkdirSync(`${SITE}/players`, { recursive: true });
for (const script of scripts) copyFileSync(`dist/${script}`, `${SITE}/${script}`);

// What another site writes beside the script's address, so that its pages run this very build or none.
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const integrity = (script: string): string => `sha384-${createHash("sha384").update(readFileSync(`dist/${script}`)).digest("base64")}`;
writeFileSync(`${SITE}/integrity.json`, `${JSON.stringify({ version, ...Object.fromEntries(scripts.map((script) => [script, integrity(script)])) })}\n`);

/** Gzipped; a little more than they weigh. The aim was 7,000 for all together. */
const MOST_BYTES: Record<string, number> = {
  "playhead.js": 7_000, "playhead-all.js": 10_750, "players/videojs.js": 1_900, "players/hlsjs.js": 1_775, "players/vimeo.js": 2_200,
  "players/youtube.js": 2_175, "players/kollus.js": 1_675,
};
for (const [script, most] of Object.entries(MOST_BYTES)) {
  const size = gzipSync(readFileSync(`dist/${script}`), { level: 9 }).length;
  console.log(`${script}: ${size} bytes gzipped, of at most ${most}`);
  if (size > most) throw new Error(`${script} has grown past its limit`);
}
