"use strict";
// Where Pulumi starts the program (`main` in Pulumi.yaml).
require("./bootstrap/program.cjs");
module.exports = require("./index.ts");
