"use strict";
// The checkout's `azure-iot-zero-touch/handlers`, and the place that older states name. Plain JavaScript, because the host
// of dynamic resources knows no TypeScript.
require("../bootstrap/typescript.cjs");
module.exports = require("./handlers/loadHandler.ts");
