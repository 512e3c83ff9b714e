/** Gives the forwarder its handler: the package's export `./handlers`. What this file does is not in any state. */
import { liveGateway } from "./resource/azureGateway";
import { type Handler, withoutStacks } from "./resource/handler";

/** The handler of a noun, for example `enrollmentGroup`, over the live gateway. */
function loadHandler(noun: string): Handler {
  const module = require(`./${noun}Handler`) as { readonly handler: (gateway: typeof liveGateway) => Handler };
  return withoutStacks(module.handler(liveGateway));
}

export = loadHandler;
