import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import fastify from "fastify";

/**
 * The rival of the vault's sign call: fastify behind TLS, one P-256 signature by node:crypto for every request, JSON in
 * and out, and nothing else. Run as a process of its own: `bareSigner.ts KEY CERTIFICATE`; prints its port.
 */
const [, , keyFile = "", cert = ""] = process.argv;
const pem = readFileSync(keyFile);
const key = createPrivateKey(pem);
const app = fastify({ https: { key: pem, cert: readFileSync(cert), noDelay: true } });
app.post<{ Body: { value: string } }>("/sign", async ({ body }) => {
  const signature = sign("sha256", Buffer.from(body.value, "base64url"), { key, dsaEncoding: "ieee-p1363" });
  return { value: signature.toString("base64url") };
});
app.listen({ host: "127.0.0.1", port: 0 }).then(
  (address) => process.stdout.write(`${new URL(address).port}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
