#!/usr/bin/env node
"use strict";
// `npx zero-touch`: loads the project's TypeScript and runs the command line.
require("../../tools/bootstrap/typescript.cjs");
require("./start.ts")
  .start(process.argv.slice(2))
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      // What nobody foresaw: the stack helps whoever mends it. It never carries a key or a passphrase.
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = 70;
    },
  );
