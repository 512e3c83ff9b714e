/**
 * The stand-in azure-native plugin: `main.ts <engine address>`. Listens on a free port of the loopback, prints the port and a
 * new line as the engine expects of a plugin, and ends when the engine ends it.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { azureTransport, loadSdk } from "./arm/armTransport";
import { service } from "./server";
import { StandIn } from "./standIn";

/** The version of the genuine plugin that this one replaces. */
const VERSION = "3.28.0";

/** States hold large certificates and many resources; the engine's own limit is the same. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 400;

/**
 * The engine configures this plugin, checks a first resource, and then starts its other plugins one by one, which takes a
 * quarter of a second: time to load the SDK that the list-keys functions need in every preview of an existing stack.
 */
const LOAD_AFTER_MS = 20;

function main(): void {
  const standIn = new StandIn({
    environment: process.env,
    transport: (configuration) => azureTransport(configuration.signIn),
    pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
    complain: (text) => process.stderr.write(`${text}\n`),
  });
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(
    ResourceProviderService,
    service(standIn, VERSION, () => setTimeout(loadSdk, LOAD_AFTER_MS).unref()),
  );
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  // The engine ends its plugins with SIGINT and waits five seconds for each; Ctrl-C does not reach their process group.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
  endWithParent();
}

/** An engine that is killed ends no plugin; an orphan would hold its memory for ever. */
function endWithParent(): void {
  const parent = process.ppid;
  const watch = () => process.ppid !== parent && process.exit(0);
  setInterval(watch, 1000).unref();
}

main();
