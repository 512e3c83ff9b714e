"use strict";
// Lets Node run the project's TypeScript. ts-node (with swc, by tsconfig.json) compiles it; the output is cached in
// node_modules/.cache, because loading ts-node and the TypeScript compiler takes 0.25 s in each of the processes that
// `npm run up` starts (this one, the local Azure, the stand-in plugin). Measured: 0.31 s -> 0.06 s.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

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
    // Node maps our stack traces; ts-node would map those of libraries, too. By its maps Pulumi's SDK is at
    // `node_modules/@pulumi/x.ts`, a scope without a package, at which Node 20's coloured util.inspect, which prints
    // Pulumi's errors, loops until its text is too long. Measured: 45 s for each error of a just edited program.
    Error.prepareStackTrace = prepareStackTrace;
  }
  // The source map names the file beside its own output, so that the output is the same in every copy of a checkout.
  return service.compile(source, path.basename(file));
}

function keep(name, code) {
  const own = path.join(cache, `${process.pid}.tmp`);
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(own, code);
    fs.renameSync(own, path.join(cache, name));
  } catch {
    // Without a writable cache (a read-only disk) only time is lost.
    fs.rmSync(own, { force: true });
  }
}

function translate(file) {
  const source = fs.readFileSync(file, "utf8");
  const place = crypto.createHash("sha256").update(path.relative(root, file)).digest("hex").slice(0, 24);
  const content = crypto.createHash("sha256").update(settings()).update(source).digest("hex");
  const name = `${place}.js`;
  try {
    const kept = fs.readFileSync(path.join(cache, name), "utf8");
    // The first line has the source's hash; one file per source, so that the cache does not grow with edits.
    if (kept.startsWith(`//${content}\n`)) return kept.slice(content.length + 3);
  } catch {
    // Not cached yet.
  }
  const code = compile(source, file);
  keep(name, `//${content}\n${code}`);
  return code;
}

if (!require.extensions[".ts"]) {
  process.setSourceMapsEnabled(true);
  require.extensions[".ts"] = (module, file) => {
    module._compile(translate(file), file);
  };
}

module.exports = { translate };
