"use strict";
// Lets Node run the project's TypeScript. ts-node (swc, as tsconfig.json says) is the compiler; what it makes is kept
// in node_modules/.cache, because loading ts-node and the TypeScript compiler behind it takes 0.25 s in each of the
// processes that one `npm run up` starts (this one, the local Azure, the stand-in plugin). Measured: 0.31 s -> 0.06 s.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const cache = path.join(root, "node_modules", ".cache", "azure-iot-zero-touch");
let salt;
let service;

/** What a compilation depends on beside the file itself. */
function settings() {
  if (salt === undefined) {
    const hash = crypto.createHash("sha256").update(`1 ${root} `);
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
    // Node maps our stack traces; ts-node would map those of libraries too. Pulumi's SDK is at `node_modules/@pulumi/x.ts`
    // by its maps, a scope without a package, over which Node 20's util.inspect with colours, by which Pulumi prints errors,
    // goes round until its text is too long. Measured: 45 s for each error of a program that was just edited.
    Error.prepareStackTrace = prepareStackTrace;
  }
  return service.compile(source, file);
}

function keep(name, code) {
  const own = path.join(cache, `${process.pid}.tmp`);
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(own, code);
    fs.renameSync(own, path.join(cache, name));
  } catch {
    // A cache that cannot be written (a read-only disk) costs time and nothing else.
    fs.rmSync(own, { force: true });
  }
}

function translate(file) {
  const source = fs.readFileSync(file, "utf8");
  const place = crypto.createHash("sha256").update(file).digest("hex").slice(0, 24);
  const content = crypto.createHash("sha256").update(settings()).update(source).digest("hex");
  const name = `${place}.js`;
  try {
    const kept = fs.readFileSync(path.join(cache, name), "utf8");
    // The first line names what it was made from; one file per source, so that the cache does not grow with edits.
    if (kept.startsWith(`//${content}\n`)) return kept.slice(content.length + 3);
  } catch {
    // Not there yet.
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
