"use strict";
// Prepares Node for components, and loads TypeScript, this program's and the toolkit's.
require("azure-iot-zero-touch/bootstrap/program.cjs");
module.exports = require("./plants.ts");
