"use strict";
/**
 * The first process of the network namespace of `npm run local -- exec`, started by unshare as its root. Brings up the
 * loopback interface, responds for Azure's names in DNS, forwards ports to the Unix sockets of the process outside (a
 * file reaches across network namespaces, an address does not), then runs the command and ends with its code.
 * Argument: the folder with spec.json, resolv.conf and nsswitch.conf. Ends with 125 when the command was not started.
 */
const { execFileSync, spawn } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { constants } = require("node:os");
const { join } = require("node:path");
const { listen: serveNames } = require("./nameServer.cjs");
const { splice } = require("./splice.cjs");

const NOT_STARTED = 125;

const listening = (server, port) =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

async function main() {
  const folder = process.argv[2];
  const { ports, command, args } = JSON.parse(readFileSync(join(folder, "spec.json"), "utf8"));
  execFileSync("ip", ["link", "set", "lo", "up"]);
  for (const name of ["resolv.conf", "nsswitch.conf"]) {
    // A system without nsswitch.conf (musl) asks DNS anyway.
    if (existsSync(join("/etc", name))) execFileSync("mount", ["--bind", join(folder, name), join("/etc", name)]);
  }
  await serveNames(53);
  for (const [port, path] of Object.entries(ports)) await listening(splice({ path }), Number(port));
  const child = spawn(command, args, { stdio: "inherit" });
  // Signals reach the whole process group, and with it the command: what it makes of them is its own affair.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
  child.once("error", (error) => {
    process.stderr.write(`${command} could not be started: ${error.message}\n`);
    process.exit(error.code === "ENOENT" ? 127 : 126);
  });
  child.once("close", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

main().catch((error) => {
  process.stderr.write(`The network namespace could not be set up: ${error.message}\n`);
  process.exit(NOT_STARTED);
});
