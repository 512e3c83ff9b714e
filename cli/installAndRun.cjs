"use strict";
const path = require("node:path");
const { SetupError } = require("../bootstrap/setupError.cjs");
const { diskError } = require("../bootstrap/diskError.cjs");
const { install } = require("../bootstrap/install.cjs");

const ROOT = path.resolve(__dirname, "..");

/** Whether the command line was wrong, so that nothing was begun. */
const isUsageError = (error) => error instanceof SetupError && error.code.startsWith("UNKNOWN_");

/** Installs missing packages of a checkout, then runs the command. */
module.exports = async function installAndRun() {
  try {
    // As a package among another project's, the toolkit was installed with its own packages.
    if (path.basename(path.dirname(ROOT)) !== "node_modules") await install(ROOT);
    require("../bootstrap/typescript.cjs");
    process.exitCode = await require("./runCommand.ts").runCommand(process.argv.slice(2));
  } catch (thrown) {
    const error = diskError(thrown);
    process.stderr.write(error instanceof SetupError ? error.render() : `${error?.stack ?? error}\n`);
    process.exitCode = isUsageError(error) ? 2 : 1;
  }
};
