"use strict";
// Gives the forwarder its handler. Plain JavaScript, because the host of dynamic resources knows no TypeScript; what
// this file says is not part of the text in the state, so it may change freely.
require("../bootstrap/typescript.cjs");

/** The handler of a noun, for example `enrollmentGroup`, over the live gateway. */
module.exports = (noun) => {
  const { liveGateway } = require("./handlers/resource/azureGateway.ts");
  const { withoutStacks } = require("./handlers/resource/handler.ts");
  return withoutStacks(require(`./handlers/${noun}Handler.ts`).handler(liveGateway));
};
