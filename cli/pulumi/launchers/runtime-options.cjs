"use strict";
// Prints the runtime's options of the Pulumi.yaml that is named, as flags of the Node language host, one a line. The
// parser is that of the program's own @pulumi/pulumi: this file is in a folder without packages.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const sdk = createRequire(`${process.cwd()}/package.json`).resolve("@pulumi/pulumi/package.json");
const project = createRequire(sdk)("js-yaml").load(readFileSync(process.argv[2], "utf8"));
const options = project?.runtime?.options ?? {};
const TYPES = { nodeargs: "string", tsconfig: "string", typescript: "boolean" };
for (const [name, type] of Object.entries(TYPES)) {
  const value = options[name];
  if (typeof value === type && value !== "") process.stdout.write(`-${name}=${String(value).trim()}\n`);
}
