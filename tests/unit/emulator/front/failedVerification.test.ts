import assert from "node:assert/strict";
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  verify,
  X509Certificate,
} from "node:crypto";
import { once } from "node:events";
import { connect as connectPlain, createServer, type Socket } from "node:net";
import { connect, createSecureContext, type SecureVersion, type TLSSocket } from "node:tls";
import { Certificate } from "../../../../certs/certificate";
import { fieldsOf, type Issuer, issueRoot } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../../certs/keys";
import { toPem } from "../../../../certs/pem";
import { PROFILES } from "../../../../certs/profiles";
import { createCertificate } from "../../../../certs/x509";
import { clientChainOf } from "../../../../emulator/kernel/clientChain";
import { daysFromNow, newPrivateKey, newSigner, OpenSsl, stoppedClock } from "../../../cast/certs";
import { type FrontHarness, frontHarness } from "../../../cast/frontHarness";

const HOST = "hub-1.azure-devices.net";

/** What OpenSSL cannot verify reaches the application, which refuses it with a reason. */
describe("TLS with certificates that do not verify", () => {
  let harness: FrontHarness;

  before(async () => {
    harness = await frontHarness((request, response) => {
      response.end(JSON.stringify({ chain: clientChainOf(request.socket).length }));
    });
  });

  after(() => harness.close());

  const root = async (algorithm: "RSA-2048" | "EC-P256"): Promise<Issuer> => {
    const signer = await newSigner(algorithm);
    return { certificate: await issueRoot({ commonName: "Demo CA", signer, clock: stoppedClock() }), signer };
  };

  /** A device's credential over a root, with another CA of the same name, or with a broken signature. */
  async function credential(algorithm: "RSA-2048" | "EC-P256", kind: "wrong CA" | "both CAs" | "broken") {
    const [issuer, other, key] = [await root(algorithm), await root(algorithm), await newPrivateKey(algorithm)];
    const request = {
      commonName: "device-01",
      issuer: issuer.certificate,
      serialNumber: "2a".repeat(16),
      validity: { notBefore: daysFromNow(-1), notAfter: daysFromNow(30) },
      publicKey: key.publicKey,
    };
    // With key identifiers OpenSSL does not take the other CA at all.
    const fields = fieldsOf(PROFILES.device, request, issuer.signer.publicKey);
    const der = await createCertificate({ ...fields, authorityKeyIdentifier: undefined }, issuer.signer);
    const leaf = new Certificate(der);
    const broken = Buffer.from(leaf.raw);
    broken[broken.length - 5] = (broken.at(-5) ?? 0) ^ 1;
    const chain = {
      "wrong CA": [leaf.toPem(), other.certificate.toPem()],
      "both CAs": [leaf.toPem(), other.certificate.toPem(), issuer.certificate.toPem()],
      broken: [toPem("CERTIFICATE", broken), issuer.certificate.toPem()],
    }[kind];
    return { cert: chain.join(""), key: exportPrivateKey(key), certificates: chain.length };
  }

  /** Passes on what a client sends in pieces, so that a handshake takes several reads. */
  async function pieces(size: number): Promise<{ port: number; close: () => void }> {
    const server = createServer((client) => {
      const upstream: Socket = connectPlain(harness.directPort, "127.0.0.1");
      upstream.setNoDelay(true);
      client.on("error", () => upstream.destroy());
      upstream.on("error", () => client.destroy());
      upstream.pipe(client);
      client.on("end", () => upstream.end());
      let sent: Promise<unknown> = Promise.resolve();
      client.on("data", (chunk: Buffer) => {
        for (let at = 0; at < chunk.length; at += size) {
          const piece = chunk.subarray(at, at + size);
          sent = sent.then(
            () => new Promise((done) => upstream.write(piece, () => setImmediate(() => setImmediate(done)))),
          );
        }
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return { port: typeof address === "object" && address ? address.port : 0, close: () => server.close() };
  }

  const ask = async (socket: TLSSocket, path = "/"): Promise<string> => {
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 2000\r\n\r\n${"x".repeat(2000)}`);
    const [chunk] = (await once(socket, "data")) as [Buffer];
    return chunk.toString("latin1");
  };

  for (const version of ["TLSv1.2", "TLSv1.3"] as const satisfies readonly SecureVersion[]) {
    for (const algorithm of ["RSA-2048", "EC-P256"] as const) {
      for (const kind of ["wrong CA", "both CAs", "broken"] as const) {
        it(`reach the application whole and in pieces: ${kind}, ${algorithm}, ${version}`, async () => {
          const { certificates, ...device } = await credential(algorithm, kind);
          const relay = await pieces(150);
          for (const port of [harness.directPort, relay.port]) {
            const options = { host: "127.0.0.1", servername: HOST, ca: harness.ca, minVersion: version } as const;
            const socket = connect({ ...options, port, maxVersion: version, ...device });
            await once(socket, "secureConnect");
            for (const path of ["/1", "/2"]) {
              assert.match(await ask(socket, path), new RegExp(`^HTTP/1.1 200 [^]*\\{"chain":${certificates}\\}$`));
            }
            socket.destroy();
          }
          relay.close();
        });
      }
    }
  }

  it("take a CA with a curve that has no NIST name: Node 24's getPeerCertificate ends the process at it", async () => {
    const openssl = new OpenSsl();
    try {
      const device = exportPrivateKey(await newPrivateKey("EC-P256"));
      openssl.write("device.key", device);
      openssl.run("ecparam", "-name", "brainpoolP256r1", "-genkey", "-noout", "-out", "ca.key");
      const ca = openssl.run("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Demo CA");
      openssl.write("ca.pem", ca);
      openssl.run("req", "-new", "-key", "device.key", "-subj", "/CN=device-01", "-out", "device.csr");
      const issuer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "1"];
      const leaf = openssl.run("x509", "-req", "-in", "device.csr", ...issuer);
      const options = { host: "127.0.0.1", port: harness.directPort, servername: HOST, ca: harness.ca };
      const socket = connect({ ...options, cert: `${leaf}${ca}`, key: device });
      await once(socket, "secureConnect");
      assert.match(await ask(socket), /\{"chain":2\}$/);
      socket.destroy();
    } finally {
      openssl.dispose();
    }
  });

  it("still ends a connection at an error of TLS itself", async () => {
    const raw = connectPlain(harness.directPort, "127.0.0.1");
    const socket = connect({ socket: raw, servername: HOST, ca: harness.ca });
    await once(socket, "secureConnect");
    socket.on("error", () => undefined);
    // A record of application data that no key encrypted.
    raw.write(Buffer.concat([Buffer.from("1703030020", "hex"), Buffer.alloc(32)]));
    await once(raw, "close");
  });

  it("leave other connections alone, as do failed operations of the process's own", async () => {
    const socket = connect({ host: "127.0.0.1", port: harness.directPort, servername: HOST, ca: harness.ca });
    await once(socket, "secureConnect");
    const key = await generateKeyPair("RSA-2048");
    const publicKey = createPublicKey(key.key);
    const encrypted = exportPrivateKey(key, "right");
    const sealed = createCipheriv("aes-256-gcm", Buffer.alloc(32), Buffer.alloc(12));
    sealed.final();
    const failures: Record<string, () => unknown> = {
      "a signature": () => assert.ok(!verify("sha256", Buffer.from("a"), publicKey, Buffer.alloc(256, 7))),
      "a certificate": () => new X509Certificate(Buffer.from("3003020101", "hex")),
      "a public key": () => createPublicKey({ key: Buffer.from("3003020101", "hex"), format: "der", type: "spki" }),
      "a passphrase": () => createPrivateKey({ key: encrypted, passphrase: "wrong" }),
      "a context": () => createSecureContext({ cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
      "a padding": () => {
        const decipher = createDecipheriv("aes-256-cbc", Buffer.alloc(32), Buffer.alloc(16));
        decipher.update(Buffer.alloc(32));
        decipher.final();
      },
      "an authentication tag": () => {
        const decipher = createDecipheriv("aes-256-gcm", Buffer.alloc(32), Buffer.alloc(12));
        decipher.setAuthTag(Buffer.alloc(16));
        decipher.final();
      },
    };
    for (const [name, fail] of Object.entries(failures)) {
      if (name === "a signature") fail();
      else assert.throws(fail, name);
      assert.match(await ask(socket), /^HTTP\/1.1 200 /, name);
    }
    socket.destroy();
  });
});
