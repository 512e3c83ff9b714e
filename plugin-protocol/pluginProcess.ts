import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

/** States hold large certificates and many resources; the engine's own limit is the same. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 400;

/**
 * Serves a plugin as the engine expects of it: on a free port of the loopback, with the port and a new line on standard
 * output, until the engine ends it.
 */
export function servePlugin(service: UntypedServiceImplementation): void {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService, service);
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
