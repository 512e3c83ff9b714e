import { strict as assert } from "node:assert";
import { createSas } from "../../azure/sas";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type ClientKit, clientKit, goProgram, type Runner } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { launchTestAzure } from "../cast/launchedAzure";
import { inNamespace, namespacesPermitted } from "../cast/namespace";

interface ReadEvent {
  readonly partition: string;
  readonly sequenceNumber: number;
  readonly offset: string;
  readonly body: { readonly number: number };
  readonly device: string;
  readonly properties: Readonly<Record<string, string>>;
}

const EVENTS = 20;
const DEVICES = ["sensor-a", "sensor-b"];

describe("Azure's own Event Hubs clients, unmodified, read a hub's events from the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;
  let tls = "";
  let plain = "";

  before(async () => {
    kit = await clientKit();
    environment = await DeviceEnvironment.open(await launchTestAzure());
    tls = await environment.eventsConnectionString();
    plain = await environment.eventsConnectionString({ local: environment.azure.ready.metadataHost });
    for (const device of DEVICES) {
      const body = { deviceId: device, authentication: { type: "sas" } };
      const created = await environment.hub("PUT", `/devices/${device}`, body);
      const { primaryKey } = created.body.authentication.symmetricKey;
      for (let number = 0; number < EVENTS / DEVICES.length; number += 1) {
        await environment.telemetry(device, primaryKey, { number }, { line: "a b/c" });
      }
    }
  });

  after(() => environment?.close());

  const proxied = (): NodeJS.ProcessEnv => environment.azure.env;
  const preloaded = (): NodeJS.ProcessEnv =>
    applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
  const namespace: Runner = (command, env) => inNamespace(environment.azure.ready, command, env);

  /** Every event came once, in the order of its partition and of its device. */
  function check(text: string): void {
    const { partitions, events } = JSON.parse(text) as { partitions: string[]; events: ReadEvent[] };
    assert.deepEqual(partitions, ["0", "1", "2", "3"]);
    assert.equal(events.length, EVENTS);
    for (const device of DEVICES) {
      const own = events.filter((each) => each.device === device);
      assert.deepEqual(
        own.map(({ body }) => body.number),
        Array.from({ length: EVENTS / DEVICES.length }, (_, index) => index),
      );
      assert.equal(new Set(own.map(({ partition }) => partition)).size, 1);
      assert.equal(own[0]?.properties.line, "a b/c");
    }
    for (const partition of partitions) {
      const numbers = events.filter((each) => each.partition === partition).map(({ sequenceNumber }) => sequenceNumber);
      assert.deepEqual(
        numbers,
        Array.from({ length: numbers.length }, (_, index) => index),
      );
    }
  }

  const node = async (connectionString: string, transport: string, env: NodeJS.ProcessEnv, runner?: Runner) => {
    const { code, out, stderr } = await kit.node("events", [connectionString, String(EVENTS), transport], env, runner);
    assert.equal(code, 0, stderr);
    check(out);
  };
  const python = async (connectionString: string, transport: string, env: NodeJS.ProcessEnv, runner?: Runner) => {
    const args = [connectionString, String(EVENTS), transport];
    const { code, out, stderr } = await kit.python("events.py", args, env, runner);
    assert.equal(code, 0, stderr);
    check(out);
  };

  it("Node: over WebSocket through the proxy", () => node(tls, "websockets", proxied()));
  it("Node: over TLS with the preload", () => node(tls, "amqp", preloaded()));
  it("Node: as from the emulator of Event Hubs", () => node(plain, "amqp", proxied()));
  it("Python: over WebSocket through the proxy", () => python(tls, "websockets", proxied()));
  it("Python: as from the emulator of Event Hubs", () => python(plain, "amqp", proxied()));

  it("Python: is redirected by the hub, as az iot hub monitor-events expects", async function () {
    if (!namespacesPermitted()) this.skip();
    const args = [environment.hubHost, "iothubowner", await environment.hubKey()];
    const { code, out, stderr } = await kit.python("redirect.py", args, environment.azure.env, namespace);
    assert.equal(code, 0, stderr);
    const { hostname, address, port } = JSON.parse(out);
    assert.match(tls, new RegExp(`^Endpoint=sb://${hostname}/`));
    assert.equal(address, `amqps://${hostname}:${port}/test-hub/$management`);
  });

  it("Go: by the redirect of messages/events and SASL PLAIN, in a network namespace", async function () {
    const program = await goProgram("goEvents");
    if (program === undefined || !namespacesPermitted()) this.skip();
    const key = await environment.hubKey();
    const signature = createSas(environment.hubHost, key, Math.floor(Date.now() / 1000) + 3600, "iothubowner");
    const hub = [environment.hubHost, "iothubowner@sas.root.test-hub", signature];
    const { code, out, stderr } = await namespace(
      [program, ...hub, "iothubowner", key, "4", String(EVENTS)],
      environment.azure.env,
    );
    assert.equal(code, 0, stderr);
    const events = JSON.parse(out) as { device: string; body: string; applicationProperties: object }[];
    for (const device of DEVICES) {
      const own = events.filter((each) => each.device === device);
      assert.deepEqual(
        own.map(({ body }) => JSON.parse(body).number),
        Array.from({ length: EVENTS / DEVICES.length }, (_, index) => index),
      );
      assert.deepEqual(own[0]?.applicationProperties, { line: "a b/c" });
    }
  });

  it("Node and Python: over TLS in a network namespace, without variables", async function () {
    if (!namespacesPermitted()) this.skip();
    await node(tls, "amqp", environment.azure.env, namespace);
    await python(tls, "amqp", environment.azure.env, namespace);
  });
});
