import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createSas } from "../../azure/sas";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { startTestAzure } from "../cast/localAzure";
import { MqttClient, type Way } from "../cast/mqttClient";

const GLOBAL = "global.azure-devices-provisioning.net";
const RESULTS = "$dps/registrations/res/";

interface Answered {
  readonly status: number;
  readonly query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the wire, asserted field by field
  readonly body: any;
}

describe("a device over MQTT", function () {
  this.timeout(300_000);
  let environment: DeviceEnvironment;

  before(async () => {
    environment = await DeviceEnvironment.open(await startTestAzure());
    const certificate = environment.read("certs/azure-iot-test-only.intermediate.cert.pem");
    const group = await environment.service("PUT", "/enrollmentGroups/line-1", {
      enrollmentGroupId: "line-1",
      attestation: { type: "x509", x509: { signingCertificates: { primary: { certificate } } } },
    });
    assert.equal(group.status, 200, group.text);
  });

  after(() => environment?.close());

  const way = (name?: string, chain = `${name}-full-chain`): Way => ({
    proxyUrl: environment.azure.ready.proxyUrl,
    ca: readFileSync(environment.azure.ready.caFile, "utf8"),
    ...(name
      ? { cert: environment.read(`certs/${chain}.cert.pem`), key: environment.read(`private/${name}.key.pem`) }
      : {}),
  });
  const dpsUser = (id: string, scope = environment.idScope) =>
    `${scope}/registrations/${id}/api-version=2019-03-31&ClientVersion=test`;
  const hubUser = (id: string, host = environment.hubHost) => `${host}/${id}/?api-version=2021-04-12`;

  async function ask(client: MqttClient, topic: string, body: string): Promise<Answered> {
    client.send({ cmd: "publish", topic, payload: body, qos: 0, dup: false, retain: false });
    const { topic: reply, payload } = await client.next("publish");
    assert.ok(reply.startsWith(RESULTS), reply);
    const [status = "", query = ""] = reply.slice(RESULTS.length).split("/?");
    return { status: Number(status), query: new URLSearchParams(query), body: JSON.parse(String(payload)) };
  }

  const put = (id: string) => `$dps/registrations/PUT/iotdps-${id}/?$rid=`;
  const register = (client: MqttClient, id: string, rid = "r1") =>
    ask(client, `${put("register")}${rid}`, JSON.stringify({ registrationId: id, payload: null }));

  async function wholeWay(client: MqttClient): Promise<void> {
    assert.equal(await client.connect("device-01", dpsUser("device-01")), 0);
    assert.equal(await client.subscribe(`${RESULTS}#`, 0), 0);
    const begun = await register(client, "device-01");
    assert.deepEqual([begun.status, begun.query.get("$rid"), begun.body.status], [202, "r1", "assigning"]);
    assert.match(begun.query.get("retry-after") ?? "", /^\d+$/);
    const status = `$dps/registrations/GET/iotdps-get-operationstatus/?$rid=r2&operationId=${begun.body.operationId}`;
    const done = await ask(client, status, " ");
    assert.deepEqual([done.status, done.query.get("$rid"), done.body.status], [200, "r2", "assigned"]);
    assert.equal(done.body.registrationState.assignedHub, environment.hubHost);
    assert.equal(done.body.registrationState.deviceId, "device-01");
    client.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: [`${RESULTS}#`] });
    assert.equal((await client.next("unsuback")).messageId, 9);
    client.send({ cmd: "disconnect" });
    await client.closed;
  }

  it("registers over TLS on port 8883", async () => wholeWay(await MqttClient.overTls(GLOBAL, way("device-01"))));

  it("registers over WebSocket, and at the service's own host name", async () =>
    wholeWay(await MqttClient.overWebSocket(environment.serviceHost, way("device-01"))));

  it("sends replies with the QoS that was granted, and none to who has not subscribed", async () => {
    const client = await MqttClient.overTls(GLOBAL, way("device-01"));
    assert.equal(await client.connect("device-01", dpsUser("device-01")), 0);
    await client.publish(`${put("register")}1`, JSON.stringify({ registrationId: "device-01" }));
    assert.equal(await client.subscribe(`${RESULTS}#`), 1);
    client.send({ cmd: "pingreq" });
    assert.equal((await client.next("pingresp")).cmd, "pingresp", "nothing came in between");
    client.send({ cmd: "publish", topic: `${put("register")}2`, payload: "{}", qos: 0, dup: false, retain: false });
    const reply = await client.next("publish");
    assert.equal(reply.qos, 1);
    client.send({ cmd: "puback", messageId: reply.messageId ?? 0 });
    client.drop();
  });

  it("gets 401 and 404 with Azure's error codes", async () => {
    environment.issue("stranger", { ca: "certs/unverified.root.ca" });
    const stranger = await MqttClient.overTls(GLOBAL, way("stranger", "stranger"));
    assert.equal(await stranger.connect("stranger", dpsUser("stranger")), 0);
    await stranger.subscribe(`${RESULTS}#`);
    const refused = await register(stranger, "stranger");
    assert.deepEqual([refused.status, refused.body.errorCode], [401, 401002]);
    stranger.drop();
    const lost = await MqttClient.overTls(GLOBAL, way("device-01"));
    assert.equal(await lost.connect("device-01", dpsUser("device-01", "0neFFFFFFFF")), 0);
    await lost.subscribe(`${RESULTS}#`);
    const missing = await register(lost, "device-01");
    assert.deepEqual([missing.status, missing.body.errorCode], [404, 404201]);
    const broken = await ask(lost, `${put("register")}x`, "{");
    assert.deepEqual([broken.status, broken.body.errorCode, broken.query.get("$rid")], [400, 400004, "x"]);
    lost.drop();
  });

  it("is refused at CONNECT: no credentials, a wrong user name, another client ID, MQTT 5", async () => {
    const refusals: [Way, string, string, 4 | 5, number][] = [
      [way(), "device-01", dpsUser("device-01"), 4, 5],
      [way("device-01"), "device-01", "device-01", 4, 4],
      [way("device-01"), "device-02", dpsUser("device-01"), 4, 2],
      [way("device-01"), "device-01", dpsUser("device-01"), 5, 1],
    ];
    for (const [given, id, user, protocolVersion, code] of refusals) {
      const client = await MqttClient.overTls(GLOBAL, given);
      assert.equal(await client.connect(id, user, { protocolVersion }), code);
      await client.closed;
    }
  });

  it("registers by key: the token is the password, and a wrong one is refused at CONNECT", async () => {
    const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");
    const symmetricKey = { primaryKey: key(1), secondaryKey: key(2) };
    const attestation = { type: "symmetricKey", symmetricKey };
    const made = await environment.service("PUT", "/enrollments/key-only", { registrationId: "key-only", attestation });
    assert.equal(made.status, 200, made.text);
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    for (const [fill, code] of [
      [2, 0],
      [3, 5],
    ] as const) {
      const client = await MqttClient.overTls(GLOBAL, way());
      const token = createSas(`${environment.idScope}/registrations/key-only`, key(fill), expiry, "registration");
      assert.equal(await client.connect("key-only", dpsUser("key-only"), { password: Buffer.from(token) }), code);
      if (code === 0) {
        await client.subscribe(`${RESULTS}#`);
        assert.equal((await register(client, "key-only")).status, 202);
      }
      client.drop();
    }
  });

  it("is refused for TPM attestation over MQTT", async () => {
    const client = await MqttClient.overTls(GLOBAL, way("device-01"));
    assert.equal(await client.connect("device-01", dpsUser("device-01")), 0);
    await client.subscribe(`${RESULTS}#`, 0);
    const response = await ask(
      client,
      `${put("register")}r1`,
      '{"registrationId":"device-01","tpm":{"endorsementKey":"AA=="}}',
    );
    assert.deepEqual([response.status, response.body.errorCode], [400, 400004]);
    assert.match(response.body.message, /TPM .*not over MQTT/);
    client.send({ cmd: "disconnect" });
    await client.closed;
  });

  it("loses its connection at a topic that DPS does not know, and with QoS 2", async () => {
    for (const [topic, qos] of [
      ["devices/device-01/messages/events/", 0],
      [`${put("register")}1`, 2],
    ] as const) {
      const client = await MqttClient.overTls(GLOBAL, way("device-01"));
      assert.equal(await client.connect("device-01", dpsUser("device-01")), 0);
      assert.equal(await client.subscribe("$iothub/twin/res/#"), 128);
      client.send({ cmd: "publish", messageId: 2, topic, payload: "{}", qos, dup: false, retain: false });
      await client.closed;
    }
  });

  it("gets no WebSocket but Azure's", async () => {
    for (const [protocol, path] of [
      ["stomp", "/$iothub/websocket"],
      ["mqtt", "/mqtt/other"],
    ] as const) {
      await assert.rejects(MqttClient.overWebSocket(GLOBAL, way("device-01"), protocol, path), /400/);
    }
  });

  it("finds no MQTT where Azure has none", async () => {
    await assert.rejects(MqttClient.overTls("management.azure.com", way()), /501/);
  });

  describe("at its hub", () => {
    const events = async (): Promise<
      { properties: Record<string, string>; systemProperties: Record<string, string> }[]
    > => {
      const { body } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=device-01");
      return (body as { events: Awaited<ReturnType<typeof events>> }).events;
    };

    it("sends telemetry with its properties, durable when acknowledged", async () => {
      const client = await MqttClient.overTls(environment.hubHost, way("device-01"));
      assert.equal(await client.connect("device-01", hubUser("device-01"), { clean: false, keepalive: 180 }), 0);
      const bag = "%24.mid=m1&%24.cid=c1&%24.ct=application%2Fjson&%24.ce=utf-8&a%20b=c%2Fd&empty=";
      await client.publish(`devices/device-01/messages/events/${bag}`, '{"temperature":21}');
      const last = (await events()).at(-1);
      assert.deepEqual(last?.properties, { "a b": "c/d", empty: "" });
      const { "message-id": mid, "correlation-id": cid, "content-type": type } = last?.systemProperties ?? {};
      assert.deepEqual([mid, cid, type], ["m1", "c1", "application/json"]);
      assert.equal(await client.subscribe("devices/device-01/messages/devicebound/#"), 1);
      client.drop();
    });

    it("has its will published after a broken connection, and not after a disconnect", async () => {
      const will = {
        topic: "devices/device-01/messages/events/",
        payload: Buffer.from("gone"),
        qos: 0,
        retain: false,
      } as const;
      const before = (await events()).length;
      const polite = await MqttClient.overTls(environment.hubHost, way("device-01"));
      assert.equal(await polite.connect("device-01", hubUser("device-01"), { will }), 0);
      polite.send({ cmd: "disconnect" });
      await polite.closed;
      const rude = await MqttClient.overTls(environment.hubHost, way("device-01"));
      assert.equal(await rude.connect("device-01", hubUser("device-01"), { will }), 0);
      // A newer connection of the device ends the older one, whose will is then heard before the newer one's message.
      const newer = await MqttClient.overTls(environment.hubHost, way("device-01"));
      assert.equal(await newer.connect("device-01", hubUser("device-01")), 0);
      await rude.closed;
      await newer.publish("devices/device-01/messages/events/n=1", "here");
      const since = (await events()).slice(before).map(({ properties }) => properties);
      assert.deepEqual(since, [{ "iothub-MessageType": "Will" }, { n: "1" }]);
      newer.drop();
    });

    it("is refused: unknown device, no credentials, a certificate of another, another hub, a wrong client ID", async () => {
      environment.issue("other");
      const refusals: [Way, string, string, number][] = [
        [way("device-01"), "nobody", hubUser("nobody"), 5],
        [way(), "device-01", hubUser("device-01"), 5],
        [way("other", "other"), "device-01", hubUser("device-01"), 5],
        [way("device-01"), "device-01", hubUser("device-01", "else.azure-devices.net"), 5],
        [way("device-01"), "device-02", hubUser("device-01"), 2],
        [way("device-01"), "device-01/m", `${environment.hubHost}/device-01/m/?api-version=2021-04-12`, 5],
      ];
      for (const [given, id, user, code] of refusals) {
        const client = await MqttClient.overTls(environment.hubHost, given);
        assert.equal(await client.connect(id, user), code, user);
        await client.closed;
      }
    });

    it("connects by SAS with its own key, and not with a wrong one or an old token", async () => {
      const made = await environment.hub("PUT", "/devices/keyed", {
        deviceId: "keyed",
        authentication: {
          type: "sas",
          symmetricKey: {
            primaryKey: Buffer.alloc(32, 1).toString("base64"),
            secondaryKey: Buffer.alloc(32, 2).toString("base64"),
          },
        },
      });
      assert.equal(made.status, 200, made.text);
      const in1h = Math.floor(Date.now() / 1000) + 3600;
      const token = (fill: number, expiry: number) =>
        Buffer.from(
          createSas(`${environment.hubHost}/devices/keyed`, Buffer.alloc(32, fill).toString("base64"), expiry),
        );
      for (const [fill, expiry, code] of [
        [2, in1h, 0],
        [3, in1h, 5],
        [1, 1_600_000_000, 5],
      ] as const) {
        const client = await MqttClient.overTls(environment.hubHost, way());
        assert.equal(await client.connect("keyed", hubUser("keyed"), { password: token(fill, expiry) }), code);
        client.drop();
      }
    });

    it("is disconnected at a topic that the hub does not have", async () => {
      for (const topic of [
        "$iothub/streams/res/200/?$rid=1",
        "devices/else/messages/events/",
        "devices/device-01/messages/events/%24.odd=o",
      ]) {
        const client = await MqttClient.overTls(environment.hubHost, way("device-01"));
        assert.equal(await client.connect("device-01", hubUser("device-01")), 0);
        client.send({ cmd: "publish", messageId: 2, topic, payload: "x", qos: 1, dup: false, retain: false });
        await client.closed;
        await assert.rejects(client.next("puback"), /closed/);
      }
    });
  });
});
