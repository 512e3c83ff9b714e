"use strict";
const { spawn } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { withLock } = require("./lock.cjs");
const { progress } = require("./progress.cjs");
const { SetupError } = require("./setupError.cjs");

/** File with the hash of the lock file that node_modules was installed from. */
const STAMP = ".zero-touch-lock";

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/**
 * Whether npm's hidden lock file, which lists the installed packages, matches package-lock.json. After a manual `npm ci` or
 * `npm install` nothing is installed again. Optional packages (of other systems) may be missing.
 */
function matches(wanted, installed) {
  const have = installed.packages || {};
  return Object.entries(wanted.packages || {}).every(([name, entry]) => {
    if (name === "" || entry.link) return true;
    const found = have[name];
    if (!found) return Boolean(entry.optional);
    return found.version === entry.version && (!entry.integrity || found.integrity === entry.integrity);
  });
}

function state(root) {
  const lock = read(path.join(root, "package-lock.json"));
  if (lock === null) {
    throw new SetupError(
      "LOCK_FILE_MISSING",
      "package-lock.json is missing.",
      "Packages are installed exactly by that file, and this checkout does not have it.",
      "git checkout -- package-lock.json",
    );
  }
  const hash = crypto.createHash("sha256").update(lock).digest("hex");
  const modules = path.join(root, "node_modules");
  if (read(path.join(modules, STAMP)) === hash) return { fresh: true, hash };
  const hidden = read(path.join(modules, ".package-lock.json"));
  try {
    if (hidden !== null && matches(JSON.parse(lock), JSON.parse(hidden))) {
      fs.writeFileSync(path.join(modules, STAMP), hash);
      return { fresh: true, hash };
    }
  } catch {
    // An unreadable hidden lock file or a read-only folder: leave it to npm.
  }
  return { fresh: false, hash };
}

/** npm's script for this Node, so that no shell and no .cmd is needed; null if not found. */
function npmScript(environment, execPath) {
  const folder = path.dirname(execPath);
  const places = [
    environment.npm_execpath,
    path.join(folder, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(folder, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  return places.find((file) => file && path.basename(file) === "npm-cli.js" && fs.existsSync(file)) || null;
}

/** The message for an `npm ci` that failed, from what npm printed. */
function explain(output) {
  const last = output
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim())
    .filter((line) => line !== "" && !/^(npm warn|A complete log|\s*at )/i.test(line))
    .slice(0, 4)
    .join("\n");
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/.test(
      output,
    )
  ) {
    return new SetupError(
      "NO_NETWORK",
      "The packages could not be downloaded: npm reached no registry.",
      last || "The network did not respond.",
      [
        "connect to the network and run this again",
        "behind a proxy or a registry mirror: npm config set proxy URL, npm config set registry URL",
        "on a machine without network: copy node_modules from one with the same system and Node, then run this again",
      ],
    );
  }
  return new SetupError(
    "NPM_CI_FAILED",
    "The packages could not be installed: npm ci failed.",
    last || "npm gave no reason.",
    ["run `npm ci` to see npm's full output"],
  );
}

/** A shell that points at the local Azure (`npm run -s env`) sends everything through its proxy, which refuses a registry. */
function outward(environment) {
  const copy = { ...environment };
  if (copy.ZERO_TOUCH_CLOUD !== "local") return copy;
  for (const name of Object.keys(copy)) {
    if (
      /^(https?|all|mqtt)_proxy$|^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_USE_ENV_PROXY)$/i.test(
        name,
      )
    ) {
      delete copy[name];
    }
  }
  return copy;
}

function npmCi(root, step) {
  const script = npmScript(process.env, process.execPath);
  const settings = ["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=http", "--prefer-offline"];
  const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const args = [...settings, ...patience];
  const options = { cwd: root, env: outward(process.env), stdio: ["ignore", "pipe", "pipe"] };
  return new Promise((resolve, reject) => {
    // Without npm's script (a Node of a Linux distribution) the command is started; on Windows Node always has the
    // script, so npm.cmd, which would need a shell, is never called.
    const child = script ? spawn(process.execPath, [script, ...args], options) : spawn("npm", args, options);
    let output = "";
    let fetched = 0;
    const note = (chunk) => {
      output = (output + chunk).slice(-200000);
      fetched += (String(chunk).match(/^npm http .*\.tgz/gm) || []).length;
      if (fetched > 0) step.update(`${fetched} packages fetched`);
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    child.on("error", (cause) => {
      reject(
        new SetupError(
          "NPM_MISSING",
          "npm was not found.",
          String(cause.message),
          "install Node with npm from https://nodejs.org",
        ),
      );
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else if (signal)
        reject(new SetupError("INTERRUPTED", "Installing the packages was interrupted.", signal, "run this again"));
      else reject(explain(output.replace(/^npm http .*$/gm, "")));
    });
  });
}

/** Installs the packages of package-lock.json, unless they are installed. Concurrent runs in one checkout take turns. */
async function install(root) {
  if (state(root).fresh) return;
  const step = progress("Installing the packages");
  try {
    await withLock(path.join(root, ".local", "install.lock"), async () => {
      const before = state(root);
      if (before.fresh) return step.quiet();
      await npmCi(root, step);
      fs.writeFileSync(path.join(root, "node_modules", STAMP), before.hash);
      step.done();
    });
  } finally {
    step.quiet();
  }
}

module.exports = { install, matches, explain, npmScript, outward };
