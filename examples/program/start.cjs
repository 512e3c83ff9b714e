"use strict";
// Loads TypeScript, this program's and the toolkit's.
require("azure-iot-zero-touch/bootstrap/typescript.cjs");
module.exports = require("./plants.ts");
