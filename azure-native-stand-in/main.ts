/** The stand-in azure-native plugin: `main.ts <engine address>`. */
import { setTimeout as pause } from "node:timers/promises";
import { servePlugin } from "../plugin-protocol/pluginProcess";
import { pluginService } from "../plugin-protocol/pluginServer";
import { azureTransport, loadSdk } from "./arm/armTransport";
import { StandIn } from "./standIn";

/**
 * The engine configures this plugin, checks a first resource, and then starts its other plugins one by one, which takes a
 * quarter of a second: time to load the SDK that the list-keys functions need in every preview of an existing stack.
 */
const LOAD_AFTER_MS = 20;

const standIn = new StandIn({
  environment: process.env,
  transport: (configuration) => azureTransport(configuration.signIn),
  pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
  complain: (text) => process.stderr.write(`${text}\n`),
});

servePlugin(
  pluginService(standIn, {
    name: "the stand-in azure-native plugin",
    refused: {
      parameterize: "other api-versions come with the genuine azure-native plugin",
      construct: "azure-native has no components",
      call: "azure-native has no methods",
      list: "listing comes with the genuine azure-native plugin",
    },
    configured: () => setTimeout(loadSdk, LOAD_AFTER_MS).unref(),
  }),
);
