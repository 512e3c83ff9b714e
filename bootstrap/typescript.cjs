"use strict";
// Lets Node run the project's TypeScript. ts-node (with swc, by tsconfig.json) compiles it; the output is cached in
// node_modules/.cache, because loading ts-node and the TypeScript compiler takes 0.25 s in each of the processes that
// `npm run up` starts (this one, the local Azure, the stand-in plugin). Measured: 0.31 s -> 0.06 s.
const crypto = require("node:crypto");
const fs = require("node:fs");
const { SourceMap } = require("node:module");
const path = require("node:path");
const { compile: run, keep } = require("./moduleCache.cjs");

const root = path.resolve(__dirname, "..");
const cache = path.join(root, "node_modules", ".cache", "azure-iot-zero-touch");
let salt;
let service;

/** Hash of what a compilation depends on, beside the file itself. */
function settings() {
  if (salt === undefined) {
    const hash = crypto.createHash("sha256").update("2 ");
    hash.update(fs.readFileSync(path.join(root, "tsconfig.json")));
    for (const name of ["ts-node", "@swc/core"]) {
      hash.update(fs.readFileSync(path.join(root, "node_modules", name, "package.json")));
    }
    salt = hash.digest("hex");
  }
  return salt;
}

function compile(source, file) {
  if (service === undefined) {
    const { prepareStackTrace } = Error;
    service = require("ts-node").create({ cwd: root });
    // ts-node would map the stack traces of libraries, too.
    Error.prepareStackTrace = prepareStackTrace;
  }
  // The source map names the file beside its own output, so that the output is the same in every copy of a checkout.
  return service.compile(source, path.basename(file));
}

/** The JavaScript of a file with its source map at the end, and the hash of what it depends on. */
function translated(file) {
  const source = fs.readFileSync(file, "utf8");
  const place = crypto.createHash("sha256").update(path.relative(root, file)).digest("hex").slice(0, 24);
  const identity = crypto.createHash("sha256").update(settings()).update(source).digest("hex");
  const cached = path.join(cache, `${place}.js`);
  try {
    const kept = fs.readFileSync(cached, "utf8");
    // The first line has the source's hash; one file per source, so that the cache does not grow with edits.
    if (kept.startsWith(`//${identity}\n`)) return { code: kept.slice(identity.length + 3), identity };
  } catch {
    // Not cached yet.
  }
  const code = compile(source, file);
  keep(cached, `//${identity}\n${code}`);
  return { code, identity };
}

const MAP = "\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,";
/** The source maps of loaded files: text in base64 until the first stack trace. */
const maps = new Map();

function load(module, file) {
  const { code, identity } = translated(file);
  const end = code.lastIndexOf(MAP);
  if (end < 0) return run(module, code, file, path.relative(root, file), identity);
  maps.set(file, code.slice(end + MAP.length));
  return run(module, code.slice(0, end), file, path.relative(root, file), identity);
}

function mapOf(file) {
  const map = maps.get(file);
  if (typeof map !== "string") return map;
  const read = new SourceMap(JSON.parse(Buffer.from(map, "base64").toString("utf8")));
  maps.set(file, read);
  return read;
}

/** A line of a stack trace, at its place in the TypeScript. */
function frame(site) {
  const file = site.getFileName();
  const text = String(site);
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const place = mapOf(file)?.findEntry(line - 1, column - 1);
  if (place?.originalLine === undefined) return text;
  return text.replace(`${file}:${line}:${column}`, `${file}:${place.originalLine + 1}:${place.originalColumn + 1}`);
}

if (!require.extensions[".ts"]) {
  // Maps our files only. By the maps of libraries Pulumi's SDK is at `node_modules/@pulumi/x.ts`, a scope without a package, at
  // which Node 20's coloured util.inspect, which prints Pulumi's errors, loops until its text is too long. Measured: 45 s.
  Error.prepareStackTrace = (error, sites) =>
    [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${frame(site)}`)].join("\n");
  require.extensions[".ts"] = load;
}

/** The JavaScript of a TypeScript file. */
exports.translate = (file) => translated(file).code;
