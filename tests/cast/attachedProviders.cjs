"use strict";
// The stand-in plugin and Pulumi's host of dynamic resources in one process, to which the engine attaches in place of starting
// both in each run; with the argument `zero-touch`, that plugin, too. It runs in the project's folder, on the project's own code.
// Sends the value of PULUMI_DEBUG_PROVIDERS to its parent.
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
      service.attach = (call, callback) => {
        // Where the plugin zero-touch finds its engine.
        process.argv[2] = call.request.getAddress();
        callback(null, new Empty());
      };
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

/** A plugin's service with a provider of its own for each connection, as each process of the plugin has one. */
function forEachConnection(newService) {
  const services = new Map();
  const of = (peer) => {
    if (!services.has(peer)) services.set(peer, newService());
    return services.get(peer);
  };
  const names = Object.keys(newService());
  return Object.fromEntries(names.map((name) => [name, (call, callback) => of(call.getPeer())[name](call, callback)]));
}

async function main() {
  const standIn = await portOf(() => servePlugin(forEachConnection(newStandIn)));
  const dynamic = await portOf(() => project("@pulumi/pulumi/cmd/dynamic-provider"));
  const addresses = [`azure-native:${standIn}`, `pulumi-nodejs:${dynamic}`];
  if (process.argv.includes("zero-touch")) {
    const { zeroTouchService } = project("./zero-touch-plugin/zeroTouchService.ts");
    addresses.push(`zero-touch:${await portOf(() => servePlugin(forEachConnection(zeroTouchService)))}`);
  }
  process.send(addresses.join());
  // The parent's end ends this process.
  process.once("disconnect", () => process.exit(0));
}

main();
