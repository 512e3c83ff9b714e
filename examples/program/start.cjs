"use strict";
// Components record no inputs of their own: their resources have them, and keys would be in the state twice.
process.env.PULUMI_NODEJS_SKIP_COMPONENT_INPUTS = "true";
// Loads TypeScript, this program's and the toolkit's.
require("azure-iot-zero-touch/bootstrap/typescript.cjs");
module.exports = require("./plants.ts");
