import { setTimeout as pause } from "node:timers/promises";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { pluginService } from "../plugin-protocol/pluginServer";

import loadHandler = require("../providers/handlers/loadHandler");

import { type PackageSchema, schemaText } from "./packageSchema";
import { ZeroTouchProvider } from "./zeroTouchProvider";

/** The plugin's gRPC service, for one engine. Its address is this process's first argument. */
export function zeroTouchService(): UntypedServiceImplementation {
  const text = schemaText();
  const provider = new ZeroTouchProvider({
    schemaText: text,
    handler: (noun, signal) =>
      loadHandler(noun, { pause: (milliseconds) => pause(milliseconds, undefined, { signal }) }),
  });
  return pluginService(provider, {
    name: "zero-touch",
    construct: (call, callback) => {
      const { componentConstruct } = require("./componentConstruct") as typeof import("./componentConstruct");
      componentConstruct(JSON.parse(text) as PackageSchema, process.argv[2] ?? "")(call, callback);
    },
    refused: { parameterize: "it has one version", call: "its components have no methods", list: "it lists nothing" },
  });
}
