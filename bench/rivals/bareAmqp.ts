import { readFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { create_container, type EventContext, message } from "rhea";

/**
 * The rival of reading events: rhea's own server behind TLS, which sends messages of the same size from memory, settled, as
 * fast as the client gives credit. Run as a process of its own: `bareAmqp.ts KEY CERTIFICATE`; prints its port.
 */
const [, , key = "", cert = ""] = process.argv;
const container = create_container({ id: "bare" });
const annotations = {
  "x-opt-sequence-number": 1,
  "x-opt-offset": "12345",
  "x-opt-enqueued-time": new Date(),
  "iothub-connection-device-id": "bench-1",
  "iothub-connection-auth-method": '{"scope":"device","type":"sas","issuer":"iothub"}',
  "iothub-connection-auth-generation-id": "638000000000000000",
  "iothub-message-source": "Telemetry",
  "iothub-enqueuedtime": new Date(),
};
const body = message.data_section(
  Buffer.from(JSON.stringify({ temperature: 21.5, humidity: 40, text: "x".repeat(60) })),
);
container.on("sendable", ({ sender }: EventContext) => {
  while (sender?.sendable()) {
    sender.send({ message_annotations: annotations, application_properties: { line: "1" }, body });
  }
});

const options = { transport: "tls", port: 0, host: "127.0.0.1", key: readFileSync(key), cert: readFileSync(cert) };
const server = container.listen({ ...options, sender_options: { snd_settle_mode: 1 } } as never) as unknown as Server;
server.once("listening", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
