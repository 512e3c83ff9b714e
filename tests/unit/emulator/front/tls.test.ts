import assert from "node:assert/strict";
import { once } from "node:events";
import { type ConnectionOptions, connect, type SecureVersion } from "node:tls";
import { issueDevice } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../../certs/keys";
import { clientChainOf } from "../../../../emulator/kernel/clientChain";
import { newHierarchy, stoppedClock } from "../../../cast/certs";
import { type FrontHarness, frontHarness } from "../../../cast/frontHarness";

interface Seen {
  /** How many certificates the client presented. */
  readonly chain: number;
  readonly host: string;
}

describe("TLS in front of Azure's names", () => {
  let harness: FrontHarness;
  let device: { readonly cert: string; readonly key: string };

  before(async () => {
    harness = await frontHarness((request, response) => {
      const seen: Seen = { chain: clientChainOf(request.socket).length, host: request.headers.host ?? "" };
      response.end(JSON.stringify(seen));
    });
    const { intermediate: issuer } = await newHierarchy();
    const key = await generateKeyPair("EC-P256");
    const request = { registrationId: "device-01", publicKey: key.publicKey, issuer, clock: stoppedClock() };
    const leaf = await issueDevice(request);
    device = { cert: `${leaf.toPem()}${issuer.certificate.toPem()}`, key: exportPrivateKey(key) };
  });

  after(() => harness.close());

  interface Visit {
    readonly seen: Seen;
    readonly protocol: string | null;
    readonly alpn: string | false | null;
    readonly reused: boolean;
    /** The session that the server offers to resume; undefined without one. */
    readonly session: Buffer | undefined;
  }

  /** One connection and one request. */
  async function visit(host: string, options: ConnectionOptions): Promise<Visit> {
    const { socket: tunnel } = await harness.tunnel(`${host}:443`);
    const ALPNProtocols = ["h2", "http/1.1"];
    const socket = connect({ socket: tunnel, servername: host, ca: harness.ca, ALPNProtocols, ...options });
    let session: Buffer | undefined;
    socket.on("session", (given) => {
      session = given;
    });
    await once(socket, "secureConnect");
    const about = { protocol: socket.getProtocol(), alpn: socket.alpnProtocol, reused: socket.isSessionReused() };
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return { ...about, session, seen: JSON.parse(text.slice(text.indexOf("{"))) };
  }

  for (const version of ["TLSv1.2", "TLSv1.3"] as const satisfies readonly SecureVersion[]) {
    const only = { minVersion: version, maxVersion: version };

    it(`passes on the whole client chain on a second connection too, on ${version}`, async () => {
      const host = "global.azure-devices-provisioning.net";
      const first = await visit(host, { ...only, ...device });
      assert.equal(first.protocol, version);
      assert.equal(first.seen.chain, 2);
      const session = first.session ? { session: first.session } : {};
      const second = await visit(host, { ...only, ...device, ...session });
      assert.equal(second.reused, false);
      assert.equal(second.seen.chain, 2);
    });

    it(`passes a device without a certificate to the application, on ${version}`, async () => {
      assert.equal((await visit("hub-1.azure-devices.net", only)).seen.chain, 0);
    });

    it(`requests no certificate at ARM, on ${version}`, async () => {
      assert.equal((await visit("management.azure.com", { ...only, ...device })).seen.chain, 0);
    });
  }

  it("selects HTTP/1.1 by ALPN", async () => {
    const { alpn } = await visit("dps-1.azure-devices-provisioning.net", {});
    assert.equal(alpn, "http/1.1");
  });

  it("refuses TLS 1.1", async () => {
    const options = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await assert.rejects(visit("management.azure.com", options), /protocol version|unsupported protocol/i);
  });

  it("refuses a name in TLS that is not Azure's, inside a tunnel to one that is", async () => {
    const { socket: tunnel } = await harness.tunnel("management.azure.com:443");
    const socket = connect({ socket: tunnel, servername: "www.example.com", ca: harness.ca });
    await assert.rejects(once(socket, "secureConnect"));
  });

  it("serves Azure's names at the direct listener too, with and without client certificates", async () => {
    for (const [servername, chain] of [
      ["hub-1.azure-devices.net", 2],
      ["management.azure.com", 0],
    ] as const) {
      const socket = connect({ host: "127.0.0.1", port: harness.directPort, servername, ca: harness.ca, ...device });
      await once(socket, "secureConnect");
      socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
      let text = "";
      for await (const chunk of socket) text += String(chunk);
      assert.deepEqual(JSON.parse(text.slice(text.indexOf("{"))), { chain, host: servername });
    }
  });

  it("serves its own address to a client that names no host", async () => {
    const socket = connect({ host: "127.0.0.1", port: harness.directPort, ca: harness.ca });
    await once(socket, "secureConnect");
    assert.match(socket.getPeerCertificate().subjectaltname ?? "", /^IP Address:127\.0\.0\.1$/);
    socket.destroy();
  });

  it("serves a device that names no host, as AMQP clients for Java: with its certificate, and every protocol", async () => {
    const connected = async () => {
      const socket = connect({ host: "127.0.0.1", port: harness.directPort, ca: harness.ca, ...device });
      await once(socket, "secureConnect");
      return socket;
    };
    const http = await connected();
    http.write("GET / HTTP/1.1\r\nHost: hub-1.azure-devices.net\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of http) text += String(chunk);
    assert.deepEqual(JSON.parse(text.slice(text.indexOf("{"))), { chain: 2, host: "hub-1.azure-devices.net" });
    // The protocol of the harness closes what starts with CONNECT.
    const mqtt = await connected();
    mqtt.write(Buffer.from([0x10]));
    await once(mqtt, "close");
  });
});
