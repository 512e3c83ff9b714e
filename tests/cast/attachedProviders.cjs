"use strict";
// The stand-in plugin and Pulumi's host of dynamic resources in one process, to which the engine attaches in place of starting
// both in each run. It runs in the project's folder, on the project's own code. Sends the value of PULUMI_DEBUG_PROVIDERS to its parent.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const project = createRequire(join(process.cwd(), "package.json"));
project("./bootstrap/lazyModules.cjs");
project("./bootstrap/typescript.cjs");
const { Server } = project("@grpc/grpc-js");
const { Empty } = project("google-protobuf/google/protobuf/empty_pb");
const { servePlugin } = project("./plugin-protocol/pluginProcess.ts");
const { pluginService } = project("./plugin-protocol/pluginServer.ts");
const { azureTransport } = project("./azure-native-stand-in/arm/armTransport.ts");
const { StandIn } = project("./azure-native-stand-in/standIn.ts");

/** The port of the server that `serve` starts. Its service has `attach`, which Pulumi's host of dynamic resources lacks. */
const portOf = (serve) =>
  new Promise((done) => {
    const { addService, bindAsync } = Server.prototype;
    Server.prototype.addService = function (definition, service) {
      Server.prototype.addService = addService;
      service.attach = (_, callback) => callback(null, new Empty());
      return this.addService(definition, service);
    };
    Server.prototype.bindAsync = function (address, credentials, callback) {
      Server.prototype.bindAsync = bindAsync;
      return this.bindAsync(address, credentials, (error, port) => {
        callback(error, port);
        done(port);
      });
    };
    serve();
  });

const newStandIn = () =>
  pluginService(
    new StandIn({
      environment: process.env,
      transport: ({ signIn }) => azureTransport(signIn),
      pause: project("node:timers/promises").setTimeout,
      complain: (text) => process.stderr.write(`${text}\n`),
    }),
    { name: "the stand-in azure-native plugin", refused: {} },
  );

/** The stand-in's service with a stand-in of its own for each connection, as each process of the plugin has one. */
function standIns() {
  const services = new Map();
  const of = (peer) => {
    if (!services.has(peer)) services.set(peer, newStandIn());
    return services.get(peer);
  };
  const names = Object.keys(newStandIn());
  return Object.fromEntries(names.map((name) => [name, (call, callback) => of(call.getPeer())[name](call, callback)]));
}

async function main() {
  const standIn = await portOf(() => servePlugin(standIns()));
  const dynamic = await portOf(() => project("@pulumi/pulumi/cmd/dynamic-provider"));
  process.send(`azure-native:${standIn},pulumi-nodejs:${dynamic}`);
  // The parent's end ends this process.
  process.once("disconnect", () => process.exit(0));
}

main();
