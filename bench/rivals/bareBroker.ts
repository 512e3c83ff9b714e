import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

/**
 * The rival of messages over MQTT: the broker aedes over TLS, without authentication, without subscribers and without a store
 * that outlives the process. Run as a process of its own: `bareBroker.ts KEY CERTIFICATE`; prints its port.
 */
async function main([key = "", cert = ""]: readonly string[]): Promise<void> {
  // An ECMAScript module.
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker();
  const options = { key: readFileSync(key), cert: readFileSync(cert), noDelay: true };
  const server = createServer(options, broker.handle);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
