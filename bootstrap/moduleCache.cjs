"use strict";
// Keeps what V8 compiled, and where Node found packages' modules, in one file for each kind of process, because `npm run up`
// starts six processes that load 200 to 800 modules each. Measured: program 0.49 -> 0.27 s, local Azure 0.97 -> 0.54 s.
// Node 22 and newer have a cache of their own.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

const root = path.resolve(__dirname, "..") + path.sep;
/** Scripts with `import()`, because Node 20 forgets in a cached one which module it belongs to; and those with a `#!` line. */
const UNCACHED = /^#!|\bimport\s*(?:\/\*[\s\S]*?\*\/\s*)?\(/;
/** Compiled scripts by name; `identity` is of the source. */
const compiled = new Map();
/** What the file does not have of `store.resolved`. */
const found = {};
/**
 * Milliseconds from the first miss to the writings before the process's end: a plugin that the engine ends with a signal has no
 * event `exit`. V8 compiles a function when it is called, so a later file has more of them. Measured: a preview takes 0.1 s less.
 */
const WRITES_AFTER_MS = [500, 3000];
let store;
let hasMissed = false;

/** The lock file that npm keeps beside the installed packages: it changes with every installation. */
function installation() {
  try {
    const lock = fs.realpathSync(path.join(root, "node_modules", ".package-lock.json"));
    const { mtimeMs, size } = fs.statSync(lock);
    return { modules: path.dirname(lock) + path.sep, salt: `1 ${mtimeMs} ${size}` };
  } catch {
    return undefined;
  }
}

/** The file of this kind of process, which is named by the last two parts of its script's path. */
function fileOf(modules) {
  const kind = process.argv[1]
    .split(path.sep)
    .slice(-2)
    .join("-")
    .replace(/[^\w.-]/g, "_");
  const tag = v8.cachedDataVersionTag().toString(36);
  return path.join(modules, ".cache", "azure-iot-zero-touch", `${kind}-${tag}.bin`);
}

/** A file has the length of its index, the index as JSON, and the compiled scripts one after the other. */
function read(file, salt) {
  try {
    const whole = fs.readFileSync(file);
    const start = 4 + whole.readUInt32LE(0);
    const index = JSON.parse(whole.toString("utf8", 4, start));
    if (index.salt === salt) return { ...index, scripts: whole.subarray(start) };
  } catch {
    // Not there yet, or damaged.
  }
  return { salt, resolved: {}, places: {}, scripts: Buffer.alloc(0) };
}

function missed() {
  if (hasMissed) return;
  hasMissed = true;
  for (const delay of WRITES_AFTER_MS) setTimeout(write, delay).unref();
  process.on("exit", write);
}

function write() {
  const { file, salt } = store;
  const before = read(file, salt);
  const places = {};
  const scripts = [];
  let end = 0;
  const add = (name, identity, script) => {
    places[name] = [identity, end, script.length];
    scripts.push(script);
    end += script.length;
  };
  for (const [name, [identity, start, length]] of Object.entries(before.places)) {
    if (!compiled.has(name)) add(name, identity, before.scripts.subarray(start, start + length));
  }
  for (const [name, { identity, script }] of compiled) add(name, identity, script.createCachedData());
  const index = Buffer.from(JSON.stringify({ salt, resolved: { ...before.resolved, ...found }, places }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  keep(file, Buffer.concat([length, index, ...scripts]));
}

/** Writes a file of a cache, whole or not at all. Without a writable cache (a read-only disk) only time is lost. */
function keep(file, data) {
  const own = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(own, data);
    fs.renameSync(own, file);
  } catch {
    try {
      fs.unlinkSync(own);
    } catch {
      // It is not there.
    }
  }
}

/** `require` of a module, as Node makes it. */
function requireOf(module) {
  const require = (request) => module.require(request);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

/** Module.prototype._compile, with the script from the cache where its source has this identity. */
function compile(module, code, file, name, identity) {
  const [known, start, length] = store?.places[name] ?? [];
  const cachedData = known === identity ? store?.scripts.subarray(start, start + length) : undefined;
  if (cachedData === undefined && (store === undefined || UNCACHED.test(code))) return module._compile(code, file);
  const script = new vm.Script(Module.wrap(code), { filename: file, cachedData });
  compiled.set(name, { identity, script });
  if (cachedData === undefined || script.cachedDataRejected) missed();
  const { exports } = module;
  return script.runInThisContext().call(exports, exports, requireOf(module), module, file, path.dirname(file));
}

/** Modules of packages: Node decides at the first time which of them are CommonJS. */
function compilePackages(modules) {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = (module, file) => {
    if (!file.startsWith(modules)) return load(module, file);
    const name = file.slice(modules.length);
    const { mtimeMs, size } = fs.statSync(file);
    const identity = `${mtimeMs} ${size}`;
    if (store.places[name]?.[0] === identity)
      return compile(module, fs.readFileSync(file, "utf8"), file, name, identity);
    module._compile = (code) => {
      delete module._compile;
      return compile(module, code, file, name, identity);
    };
    return load(module, file);
  };
}

/** Where Node found a module of a package, by the folder that requires it; the project's own files have one folder. */
function resolvePackages(modules) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (request, parent, isMain, options) => {
    const from = parent?.filename;
    const isOwn = from?.startsWith(root) && !from.startsWith(modules) && /^[^./\\]/.test(request);
    if (isMain || options || !(isOwn || from?.startsWith(modules))) return resolve(request, parent, isMain, options);
    const key = `${isOwn ? "" : path.dirname(from).slice(modules.length)} ${request}`;
    const known = store.resolved[key] ?? found[key];
    if (known !== undefined) return modules + known;
    const file = resolve(request, parent, isMain, options);
    if (file.startsWith(modules)) {
      found[key] = file.slice(modules.length);
      missed();
    }
    return file;
  };
}

function install() {
  if (Module.enableCompileCache) {
    Module.enableCompileCache(path.join(root, "node_modules", ".cache", "azure-iot-zero-touch", "compiled"));
    return;
  }
  const installed = process.argv[1] ? installation() : undefined;
  if (installed === undefined) return;
  const file = fileOf(installed.modules);
  store = { file, ...read(file, installed.salt) };
  compilePackages(installed.modules);
  resolvePackages(installed.modules);
}

install();

module.exports = { compile, keep };
