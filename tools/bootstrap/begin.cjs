"use strict";
const path = require("node:path");
const { SetupError } = require("./setupError.cjs");
const { diskFault } = require("./diskFault.cjs");
const { install } = require("./install.cjs");

/** Installs what is missing, then hands over to main.ts. */
module.exports = async function begin() {
  try {
    await install(path.resolve(__dirname, "..", ".."));
    require("./typescript.cjs");
    process.exitCode = await require("../main.ts").main(process.argv.slice(2));
  } catch (thrown) {
    const error = diskFault(thrown);
    process.stderr.write(error instanceof SetupError ? error.render() : `${error?.stack ?? error}\n`);
    process.exitCode = 1;
  }
};
