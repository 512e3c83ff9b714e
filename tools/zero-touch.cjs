#!/usr/bin/env node
"use strict";
// `npx zero-touch`: certificates, and the doctor. Loads the project's TypeScript and hands over.
require("./bootstrap/typescript.cjs");

const USAGE = `Zero-touch provisioning on Azure IoT.

Usage: zero-touch certs COMMAND [options]    make, sign, read and judge certificates
       zero-touch doctor [--json] [--stack NAME]    check everything that a deployment needs

zero-touch certs --help tells the commands of certificates.
`;

const [area, ...rest] = process.argv.slice(2);

async function start() {
  if (area === undefined || area === "--help" || area === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (area === "doctor") {
    if (rest.includes("--help") || rest.includes("-h")) {
      process.stdout.write(USAGE);
      return 0;
    }
    return require("./main.ts").main(["doctor", ...rest]);
  }
  // Azure's modules load for a key that is in a vault, and for no other.
  const openKey = (address, algorithm) => require("./vaultKey.ts").openVaultKey(address, algorithm);
  return require("../certs/cli/start.ts").start([area, ...rest], openKey);
}

start().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    // SetupError tells what to do. What nobody foresaw tells its stack, which helps whoever mends it; neither carries a
    // key or a passphrase.
    const isForeseen = typeof error?.render === "function";
    process.stderr.write(isForeseen ? error.render() : `${error?.stack ?? error}\n`);
    process.exitCode = isForeseen ? 2 : 70;
  },
);
