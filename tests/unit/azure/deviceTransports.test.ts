import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create_container, message as rheaMessage, type Sender } from "rhea";
import { ProxyAgent, request } from "undici";
import { readMessages, type SentMessage } from "../../../azure/clients/eventsReader";
import type { DeviceCredentials } from "../../../azure/clients/mutualTls";
import { type HubSession, TRANSPORTS, type TransportName } from "../../../azure/devices/device";
import { openDevice, openHubSession } from "../../../azure/devices/openDevice";
import { connectTls } from "../../../azure/devices/tlsConnection";
import { createSas } from "../../../azure/sas";
import { fullChainPem } from "../../../certs/chain";
import { type Issuer, issueDevice, issueIntermediate, issueRoot } from "../../../certs/issue";
import { exportPrivateKey } from "../../../certs/keys";
import { KeySigner } from "../../../certs/signer";
import {
  type RunningAzure,
  type StarterHub,
  type StarterProvisioningService,
  start,
} from "../../../emulator/inProcess";
import { LocalClient } from "../../../emulator/localClient";
import { newPrivateKey, newSigner } from "../../cast/certs";

const partOf = (connectionString: string, name: string): string =>
  new RegExp(`${name}=([^;]*)`).exec(connectionString)?.[1] ?? "";

describe("a device over HTTPS, MQTT and AMQP, by its certificate, through the proxy", function () {
  this.timeout(60_000);
  let azure: RunningAzure;
  let hub: StarterHub;
  let dps: StarterProvisioningService;
  let root: Issuer;
  let ca = "";

  const issue = async (registrationId: string, issuer = root): Promise<DeviceCredentials> => {
    const key = await newPrivateKey("EC-P256");
    const signer = new KeySigner(key);
    const middle = await newSigner();
    const commonName = "Line 1";
    const intermediate = {
      certificate: await issueIntermediate({ commonName, publicKey: middle.publicKey, issuer }),
      signer: middle,
    };
    const leaf = await issueDevice({ registrationId, publicKey: signer.publicKey, issuer: intermediate });
    const certificateChain = fullChainPem([leaf, intermediate.certificate, issuer.certificate]);
    return { certificateChain, privateKey: exportPrivateKey(key), ca };
  };

  /** A call with a shared access signature of the owner. */
  const owner = async (
    method: "PUT" | "PATCH" | "POST" | "GET",
    target: string,
    connectionString: string,
    body?: unknown,
  ) => {
    const [host, policy] = [partOf(connectionString, "HostName"), partOf(connectionString, "SharedAccessKeyName")];
    const key = /SharedAccessKey=(.*)$/.exec(connectionString)?.[1] ?? "";
    const { statusCode, body: response } = await request(`https://${host}${target}`, {
      method,
      dispatcher: new ProxyAgent({ uri: azure.ready.proxyUrl, requestTls: { ca } }),
      headers: {
        authorization: createSas(host, key, 4_102_444_800, policy),
        "content-type": "application/json",
        ...(method === "PATCH" ? { "if-match": "*" } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(statusCode < 300, `${method} ${target}: ${statusCode} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };

  before(async () => {
    azure = await start();
    ca = readFileSync(azure.ready.caFile, "utf8");
    hub = await azure.createHub("devices-hub");
    dps = await azure.createProvisioningService("devices-dps", hub);
    const signer = await newSigner();
    root = { certificate: await issueRoot({ commonName: "Devices Root", signer }), signer };
    const client = new LocalClient(azure.ready);
    const group = `/subscriptions/${azure.ready.subscriptionId}/resourceGroups/local-azure/providers/Microsoft.Devices`;
    const certificate = Buffer.from(root.certificate.toPem()).toString("base64");
    await client.arm("PUT", `${group}/provisioningServices/devices-dps/certificates/root?api-version=2022-12-12`, {
      properties: { certificate, isVerified: true },
    });
    await owner("PUT", "/enrollmentGroups/line-1?api-version=2021-10-01", dps.connectionString, {
      enrollmentGroupId: "line-1",
      attestation: { type: "x509", x509: { caReferences: { primary: "root" } } },
    });
  });
  after(() => azure?.stop());

  const idOf = (transport: TransportName) => `over-${transport}`;

  it("registers, sends telemetry, and the message is read back from the hub's events", async () => {
    const sentAt = new Date().toISOString();
    const acceptances = { https: 204, mqtt: "PUBACK", amqp: "accepted" };
    const sent = await Promise.all(
      TRANSPORTS.map(async (transport): Promise<SentMessage> => {
        const device = openDevice(transport, await issue(idOf(transport)), azure.environment);
        const { assignedHub, deviceId } = await device.register(dps.deviceHostName, dps.idScope, idOf(transport));
        assert.deepEqual([assignedHub, deviceId], [hub.hostName, idOf(transport)]);
        // A header of HTTP has ASCII only.
        const messageId = transport === "https" ? "message/1" : `message ${transport}/ü`;
        const acceptance = await device.sendTelemetry(assignedHub, deviceId, { temperature: 21 }, messageId);
        assert.equal(acceptance, acceptances[transport]);
        await device.close();
        return { deviceId, messageId, sentAt };
      }),
    );
    const path = `/subscriptions/${azure.ready.subscriptionId}/resourceGroups/local-azure/providers/Microsoft.Devices/IotHubs/devices-hub`;
    const client = new LocalClient(azure.ready);
    const { properties } = (await client.arm("GET", `${path}?api-version=2023-06-30`)) as {
      properties: { eventHubEndpoints: { events: { endpoint: string; path: string } } };
    };
    const { primaryKey } = await client.arm("POST", `${path}/IotHubKeys/service/listkeys?api-version=2023-06-30`);
    const endpoint = {
      ...properties.eventHubEndpoints.events,
      ...{ consumerGroup: "$Default", policy: "service", key: String(primaryKey) },
    };
    const options = { timeoutMs: 20_000, env: azure.environment, ca };
    const { messages, partitions, seen } = await readMessages(endpoint, sent, options);
    const key = ({ deviceId, messageId }: { deviceId: string; messageId: string }) => `${deviceId} ${messageId}`;
    assert.deepEqual(messages.map(key).sort(), sent.map(key).sort());
    assert.deepEqual([partitions, seen], [["0", "1", "2", "3"], 3]);

    const none = [{ deviceId: "over-mqtt", messageId: "another", sentAt }];
    const nothing = await readMessages(endpoint, none, { ...options, timeoutMs: 500 });
    assert.deepEqual(nothing.messages, []);
    const refused = (changes: object) => readMessages({ ...endpoint, ...changes }, sent, options);
    await assert.rejects(refused({ key: "d3Jvbmc=" }), (error: Error & { code: string }) => {
      assert.equal(error.code, "UnauthorizedError");
      assert.ok(!error.message.includes("d3Jvbmc="));
      return true;
    });
    await assert.rejects(refused({ consumerGroup: "none" }), { code: "MessagingEntityNotFoundError" });
  });

  it("is refused under another CA, and at a hub that does not know it, with Azure's code", async () => {
    const signer = await newSigner();
    const stranger = { certificate: await issueRoot({ commonName: "Strangers", signer }), signer };
    const credentials = await issue("stranger", stranger);
    const refuses = async (transport: TransportName): Promise<void> => {
      const device = openDevice(transport, credentials, azure.environment);
      await assert.rejects(
        device.register(dps.deviceHostName, dps.idScope, "stranger"),
        { name: "AzureError", status: 401, code: "401002", message: /register device "stranger".*To fix:/s },
        transport,
      );
      await assert.rejects(
        device.sendTelemetry(hub.hostName, "stranger", {}, "m-1"),
        { name: "AzureError", message: /send telemetry of device "stranger".*To fix:/s },
        transport,
      );
      await device.close();
    };
    await Promise.all(TRANSPORTS.map(refuses));
  });

  it("says that nothing responds, and which proxy refuses", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => closed.once("listening", done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    const credentials = await issue("over-nothing");
    for (const transport of ["mqtt", "amqp"] as const) {
      const unreachable = openDevice(transport, credentials, { HTTPS_PROXY: `http://127.0.0.1:${port}` });
      await assert.rejects(unreachable.sendTelemetry(hub.hostName, "d", {}, "m"), {
        name: "UnreachableError",
        message: /ECONNREFUSED/,
      });
    }
    await assert.rejects(connectTls("example.com", 8883, credentials, azure.environment), /returned 403 to CONNECT/);
    await assert.rejects(
      connectTls(hub.hostName, 8883, { ...credentials, ca: undefined }, azure.environment),
      /certificate/,
    );
  });

  /** The service sends a message to a device: that goes over AMQP only. */
  async function sendToDevice(deviceId: string, text: string): Promise<void> {
    const credentials = await issue("service");
    const socket = await connectTls(hub.hostName, 5671, credentials, azure.environment);
    const connection = create_container().create_connection({
      ...{ hostname: hub.hostName, host: hub.hostName, reconnect: false },
      username: `iothubowner@sas.root.${hub.name}`,
      password: createSas(
        hub.hostName,
        partOf(`${hub.connectionString};`, "SharedAccessKey"),
        4_102_444_800,
        "iothubowner",
      ),
      connection_details: () => ({
        connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
          setImmediate(connected);
          return socket;
        },
      }),
    } as never);
    (connection as unknown as { connect(): void }).connect();
    const sender: Sender = connection.open_sender({ target: { address: "/messages/devicebound" } });
    await new Promise((done) => sender.once("sendable", done));
    const accepted = new Promise((done, fail) => sender.once("accepted", done).once("rejected", fail));
    sender.send({
      to: `/devices/${deviceId}/messages/devicebound`,
      application_properties: { line: "a b/c" },
      body: rheaMessage.data_section(Buffer.from(text)),
    });
    await accepted;
    const closed = new Promise((done) => connection.once("connection_close", done));
    connection.close();
    await closed;
  }

  for (const transport of ["mqtt", "amqp"] as const) {
    it(`stays connected over ${transport}: twin, desired properties, methods and messages`, async () => {
      const id = `stays-${transport}`;
      const credentials = await issue(id);
      const device = openDevice(transport, credentials, azure.environment);
      await device.register(dps.deviceHostName, dps.idScope, id);
      const target = { hub: hub.hostName, deviceId: id };
      const session: HubSession = await openHubSession(transport, credentials, target, azure.environment);
      const desired: unknown[] = [];
      let seen = (): void => undefined;
      const next = () =>
        new Promise<void>((done) => {
          seen = done;
        });
      const message: unknown[] = [];
      await session.listen({
        desired(patch) {
          desired.push(patch);
          seen();
        },
        method: (name, payload) => {
          if (name === "fail") throw new Error("not answered");
          return { status: name === "ping" ? 200 : 404, payload: { got: payload } };
        },
        message(body, properties) {
          message.push([body.toString(), properties]);
          seen();
        },
      });
      assert.equal(await session.send({ temperature: 1 }, "m-1"), transport === "mqtt" ? "PUBACK" : "accepted");
      assert.deepEqual(await session.twin(), { desired: { $version: 1 }, reported: { $version: 1 } });

      const changed = next();
      const twin = { properties: { desired: { interval: 5 } } };
      await owner("PATCH", `/twins/${id}?api-version=2021-04-12`, hub.connectionString, twin);
      await changed;
      assert.deepEqual(desired, [{ interval: 5, $version: 2 }]);
      await session.report({ interval: 5 });
      const stored = await owner("GET", `/twins/${id}?api-version=2021-04-12`, hub.connectionString);
      assert.equal(stored.properties.reported.interval, 5);

      const call = { methodName: "ping", payload: { n: 1 }, responseTimeoutInSeconds: 20 };
      const invoke = (body: object) =>
        owner("POST", `/twins/${id}/methods?api-version=2021-04-12`, hub.connectionString, body);
      assert.deepEqual(await invoke(call), { status: 200, payload: { got: { n: 1 } } });
      assert.equal((await invoke({ ...call, methodName: "no/such" })).status, 404);

      const arrived = next();
      await sendToDevice(id, "restart");
      await arrived;
      assert.deepEqual(message, [["restart", { line: "a b/c" }]]);

      const newer = await openHubSession(transport, credentials, target, azure.environment);
      const reason = await session.broken;
      assert.match(reason.message, /connect device/);
      await assert.rejects(session.send({}, "m-2"), { name: reason.name });
      await session.close();
      await newer.close();
    });
  }

  it("gets cloud-to-device messages over HTTPS after it has sent its own", async () => {
    const id = "stays-https";
    const credentials = await issue(id);
    const device = openDevice("https", credentials, azure.environment);
    await device.register(dps.deviceHostName, dps.idScope, id);
    await device.close();
    const session = await openHubSession("https", credentials, { hub: hub.hostName, deviceId: id }, azure.environment);
    const message: unknown[] = [];
    await session.listen({
      desired: () => assert.fail("no twin over HTTPS"),
      method: () => assert.fail("no methods over HTTPS"),
      message: (body, properties) => void message.push([body.toString(), properties]),
    });
    await sendToDevice(id, "one");
    await sendToDevice(id, "two");
    assert.equal(await session.send({}, "m-1"), 204);
    assert.deepEqual(message, [
      ["one", { line: "a b/c" }],
      ["two", { line: "a b/c" }],
    ]);
    assert.equal(await session.send({}, "m-2"), 204);
    assert.equal(message.length, 2);
    assert.equal(await session.twin(), undefined);
    await session.close();
  });
});
