"use strict";
// Here, in the folder of Pulumi.yaml, the toolkit's dynamic resources look for what they do; the state knows this place.
module.exports = require("azure-iot-zero-touch/providers/load.cjs");
