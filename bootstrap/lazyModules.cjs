"use strict";
// Lets modules load at their first use instead of at the SDK's start. The proxy forwards to the real module on first use.
require("./nodeWarnings.cjs");
const Module = require("node:module");

const LATER = new Set(["@npmcli/arborist", "typescript"]);
// Maps each stack trace of the SDK's own files, 22 resources with a trace each; Node itself maps our TypeScript.
const NEVER = new Set(["source-map-support", "source-map-support/register"]);
const load = Module._load;

Module._load = function (request, parent, isMain) {
  if (NEVER.has(request)) return { install: () => undefined };
  if (!LATER.has(request)) return load.call(this, request, parent, isMain);
  const real = () => load.call(this, request, parent, isMain);
  return new Proxy(
    {},
    {
      // `__esModule` keeps the callers' import helper from copying every member, which would load the module.
      get: (_target, key) => (key === "__esModule" ? true : key === "default" ? real() : real()[key]),
      has: (_target, key) => key in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_target, key) => {
        const found = Reflect.getOwnPropertyDescriptor(real(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
};
