"use strict";
// The stand-in plugin, Pulumi's host of dynamic resources and the project's program in one process, to which the engine attaches in
// place of starting three in each run. It runs in the project's folder, on the project's own code. Sends its parent the variables
// that have the engine attach to it.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const project = createRequire(join(process.cwd(), "package.json"));
project("./bootstrap/program.cjs");
const { Server, ServerCredentials } = project("@grpc/grpc-js");
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

/** Whether a deployment failed: what is left of its program makes the next one fail. */
let isSpent = false;
/** Whether the program in progress has an error that it does not handle. */
let hasFailed = false;
/** Ends the program in progress after an error that it does not handle, which the SDK logs. */
let fail = () => undefined;
process.on("unhandledRejection", () => fail());
process.on("uncaughtException", () => fail());

/** Calls of the program to the engine without a response. */
let calls = 0;
const { ResourceMonitorClient } = project("@pulumi/pulumi/proto/resource_grpc_pb");
const { EngineClient } = project("@pulumi/pulumi/proto/engine_grpc_pb");
for (const { prototype } of [ResourceMonitorClient, EngineClient]) {
  for (const [name, method] of Object.entries(prototype)) {
    prototype[name] = function (...given) {
      const callback = given.pop();
      calls += 1;
      const counted = (...response) => {
        calls -= 1;
        callback(...response);
        if (hasFailed) fail();
      };
      return method.call(this, ...given, counted);
    };
  }
}

/** Serves the program as the Automation API serves an inline one, with a new store of the SDK for each run. */
function serveProgram() {
  const { LanguageServer } = project("@pulumi/pulumi/automation/server");
  const { LanguageRuntimeService } = project("@pulumi/pulumi/proto/language_grpc_pb");
  const { LanguageHandshakeResponse, RunResponse } = project("@pulumi/pulumi/proto/language_pb");
  const settings = project("@pulumi/pulumi/runtime/settings");
  const { terminateRpcs } = settings;
  const language = new LanguageServer(() => project("./start.cjs")());
  /** The engine at the other end of each connection. */
  const engines = new Map();
  const server = new Server();
  server.addService(LanguageRuntimeService, {
    handshake: (call, callback) => {
      engines.set(call.getPeer(), call.request.getEngineAddress());
      callback(null, new LanguageHandshakeResponse());
    },
    getRequiredPlugins: language.getRequiredPlugins,
    getPluginInfo: language.getPluginInfo,
    run: async (call, callback) => {
      call.request.setArgsList([engines.get(call.getPeer())]);
      const response = await new Promise((done) => {
        // After an error, which is logged, a language host sends `bail`. This calls back twice then.
        const failed = () => done(new RunResponse().setBail(true));
        // What waits for a failed resource waits for ever: a process of its own ends when it waits for no response any more.
        hasFailed = false;
        fail = () => {
          hasFailed = true;
          isSpent = true;
          setImmediate(() => calls === 0 && failed());
        };
        // The engine has ended the deployment, and may leave calls without a response.
        settings.terminateRpcs = () => {
          terminateRpcs();
          isSpent = true;
          failed();
        };
        language.run(call, (error, finished) => (error ? failed() : done(finished)));
      });
      callback(null, response);
    },
  });
  return new Promise((done, fail) => {
    const listening = (error, port) => (error ? fail(error) : done(port));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), listening);
  });
}

async function main() {
  const standIn = await portOf(() => servePlugin(standIns()));
  const dynamic = await portOf(() => project("@pulumi/pulumi/cmd/dynamic-provider"));
  const program = await serveProgram();
  process.send({
    PULUMI_DEBUG_PROVIDERS: `azure-native:${standIn},pulumi-nodejs:${dynamic}`,
    PULUMI_DEBUG_LANGUAGES: `nodejs:${program}`,
  });
  process.on("message", () => process.send(isSpent));
  // The parent's end ends this process.
  process.once("disconnect", () => process.exit(0));
}

main();
