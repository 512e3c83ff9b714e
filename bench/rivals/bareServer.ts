import { readFileSync } from "node:fs";
import { createServer } from "node:https";

/**
 * The rival of the registration: nothing but Node's own HTTPS server asking for a client certificate, answering every
 * request with nothing. Run as a process of its own: `bareServer.ts KEY CERTIFICATE`; prints its port.
 */
const [, , key = "", cert = ""] = process.argv;
const server = createServer(
  { key: readFileSync(key), cert: readFileSync(cert), requestCert: true, rejectUnauthorized: false, noDelay: true },
  (request, response) => {
    request.resume();
    request.once("end", () => response.writeHead(200).end());
  },
);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
