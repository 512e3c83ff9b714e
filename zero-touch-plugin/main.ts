#!/usr/bin/env node
/** The plugin `pulumi-resource-zero-touch`: `main.ts <engine address>`. */
import { setTimeout as pause } from "node:timers/promises";
import { servePlugin } from "../plugin-protocol/pluginProcess";
import { pluginService } from "../plugin-protocol/pluginServer";

import loadHandler = require("../providers/handlers/loadHandler");

import { schemaText } from "./packageSchema";
import { ZeroTouchProvider } from "./zeroTouchProvider";

const provider = new ZeroTouchProvider({
  schemaText: schemaText(),
  handler: (noun, signal) => loadHandler(noun, { pause: (milliseconds) => pause(milliseconds, undefined, { signal }) }),
});

servePlugin(
  pluginService(provider, {
    name: "zero-touch",
    refused: { parameterize: "it has one version", call: "its components have no methods", list: "it lists nothing" },
  }),
);
