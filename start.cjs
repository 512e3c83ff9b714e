"use strict";
// Where Pulumi starts the program (`main` in Pulumi.yaml).
// Components record no inputs of their own: their resources have them, and keys would be in the state twice.
process.env.PULUMI_NODEJS_SKIP_COMPONENT_INPUTS = "true";
require("./bootstrap/program.cjs");
module.exports = require("./index.ts");
