/** Gives the forwarder its handler: the package's export `./handlers`. What this file does is not in any state. */
import { type AzureGateway, liveGateway } from "./resource/azureGateway";
import { type Handler, withoutStacks } from "./resource/handler";

/** The handler of a noun, for example `enrollmentGroup`, over the live gateway; `changes` replace parts of it. */
function loadHandler(noun: string, changes: Partial<AzureGateway> = {}): Handler {
  const module = require(`./${noun}Handler`) as { readonly handler: (gateway: AzureGateway) => Handler };
  return withoutStacks(module.handler({ ...liveGateway, ...changes }));
}

export = loadHandler;
