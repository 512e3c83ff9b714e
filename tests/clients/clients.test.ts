import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type ClientKit, clientKit, type Runner } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import type { Ended } from "../cast/ended";
import { launchTestAzure } from "../cast/launchedAzure";
import { inNamespace, namespacesPermitted } from "../cast/namespace";

const CHAIN = "certs/device-01-full-chain.cert.pem";
const INTERMEDIATE = "certs/azure-iot-test-only.intermediate.cert.pem";

/** The two listings of Microsoft's quickstart "Enroll X.509 devices … using Python" (documents/003), line by line. */
const quickstart = (connectionString: string, certificate: string, groupId: string): string => `\
from provisioningserviceclient import ProvisioningServiceClient
from provisioningserviceclient.models import EnrollmentGroup, AttestationMechanism

CONNECTION_STRING = "${connectionString}"

SIGNING_CERT = """${certificate}"""

GROUP_ID = "${groupId}"
def main():
    print ( "Initiating enrollment group creation..." )

    psc = ProvisioningServiceClient.create_from_connection_string(CONNECTION_STRING)
    att = AttestationMechanism.create_with_x509_signing_certs(SIGNING_CERT)
    eg = EnrollmentGroup.create(GROUP_ID, att)

    eg = psc.create_or_update(eg)

    print ( "Enrollment group created." )

if __name__ == '__main__':
    main()
`;

describe("Azure's own clients, unmodified, against the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;
  let connectionString = "";
  const own = mkdtempSync(join(tmpdir(), "clients-"));

  before(async () => {
    kit = await clientKit();
    environment = await DeviceEnvironment.open(await launchTestAzure());
    const key = await environment.ownerKey();
    connectionString = `HostName=${environment.serviceHost};SharedAccessKeyName=provisioningserviceowner;SharedAccessKey=${key}`;
  });

  after(async () => {
    rmSync(own, { recursive: true, force: true });
    await environment?.close();
  });

  const proxied = (): NodeJS.ProcessEnv => ({ ...environment.azure.env, mqtt_proxy: environment.azure.ready.proxyUrl });
  const preloaded = (): NodeJS.ProcessEnv =>
    applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
  const file = (name: string) => resolve(environment.folder, name);
  const device = () => [environment.idScope, "device-01", file(CHAIN), file("private/device-01.key.pem")];

  const printed = ({ code, out, stderr }: Ended): Record<string, unknown> => {
    assert.equal(code, 0, stderr);
    return JSON.parse(out);
  };

  const lastEvent = async () => {
    const { body } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=device-01");
    const { events } = body as {
      events: { properties: object; systemProperties: Record<string, string>; body: object }[];
    };
    const last = events.at(-1);
    return { properties: last?.properties, id: last?.systemProperties["message-id"], body: last?.body };
  };

  it("Python: the quickstart creates an enrollment group", async () => {
    const program = join(own, "EnrollmentGroup.py");
    writeFileSync(program, quickstart(connectionString, environment.read(INTERMEDIATE), "line-1"));
    const { code, out, stderr } = await kit.python(program, [], proxied());
    assert.equal(code, 0, stderr);
    assert.deepEqual(out.trim().split(/\r?\n/), [
      "Initiating enrollment group creation...",
      "Enrollment group created.",
    ]);
    const { status, body } = await environment.service("GET", "/enrollmentGroups/line-1");
    assert.deepEqual([status, body.enrollmentGroupId], [200, "line-1"]);
  });

  it("Python: the quickstart fails with a connection string of another key", async () => {
    const program = join(own, "Refused.py");
    const wrong = connectionString.replace(
      /SharedAccessKey=.*/,
      `SharedAccessKey=${Buffer.alloc(32).toString("base64")}`,
    );
    writeFileSync(program, quickstart(wrong, environment.read(INTERMEDIATE), "line-2"));
    const { code, stderr } = await kit.python(program, [], proxied());
    assert.equal(code, 1);
    assert.match(stderr, /Unauthorized|401/);
    assert.equal((await environment.service("GET", "/enrollmentGroups/line-2")).status, 404);
  });

  for (const transport of ["mqtt", "websockets"]) {
    it(`Python: azure-iot-device registers with X.509 and sends over ${transport}, through mqtt_proxy`, async () => {
      const result = printed(await kit.python("device.py", [...device(), transport], proxied()));
      assert.deepEqual(result, { assignedHub: environment.hubHost, deviceId: "device-01", status: "assigned" });
      const expected = { properties: { line: "a b/c" }, id: `from-python-${transport}`, body: { temperature: 21 } };
      assert.deepEqual(await lastEvent(), expected);
    });
  }

  for (const transport of ["Http", "Mqtt", "MqttWs"]) {
    it(`Node: the device SDKs register with X.509 and send over ${transport}, by the preload`, async () => {
      const result = printed(await kit.node("provision", [...device(), transport], preloaded()));
      assert.deepEqual(result, { assignedHub: environment.hubHost, deviceId: "device-01", status: "assigned" });
      const expected = { properties: { line: "a b/c" }, id: `from-${transport}`, body: { temperature: 21 } };
      assert.deepEqual(await lastEvent(), expected);
    });
  }

  it("Node: the device SDK gets the reason for a refused registration", async () => {
    environment.issue("stranger", { ca: "certs/unverified.root.ca" });
    const files = [file("certs/stranger.cert.pem"), file("private/stranger.key.pem")];
    const { code, stderr } = await kit.node(
      "provision",
      [environment.idScope, "stranger", ...files, "Mqtt"],
      preloaded(),
    );
    assert.equal(code, 1);
    assert.match(stderr, /^UnauthorizedError: /);
  });

  it("Node: azure-iot-provisioning-service writes, reads, queries and deletes an enrollment group", async () => {
    const result = printed(
      await kit.node(
        "enrollment",
        [connectionString, file("certs/unverified.root.ca.cert.pem"), "node-line"],
        preloaded(),
      ),
    );
    const expected = {
      made: "node-line",
      read: true,
      ids: ["line-1", "node-line"],
      gone: "ProvisioningServiceClientError",
    };
    assert.deepEqual({ ...result, gone: undefined }, { ...expected, gone: undefined });
    assert.match(String(result.gone), /Error$/);
  });

  it("Node: azure-iothub's Registry reads the device that was registered", async () => {
    const hub = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
    const result = printed(await kit.node("registry", [hub, "device-01"], preloaded()));
    assert.deepEqual(result, { deviceId: "device-01", status: "enabled", type: "selfSigned" });
  });

  it("Node: azure-iothub registers in bulk, nests Edge devices, configures, queries and runs jobs", async () => {
    const hub = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
    const result = printed(await kit.node("serviceRegistry", [hub], preloaded()));
    assert.deepEqual(result, {
      bulk: { added: true, again: "ArgumentError", updated: true, status: "disabled" },
      modules: { again: "DeviceAlreadyExistsError", fps: 30, list: ["camera"], gone: "Error" },
      edge: {
        isChild: true,
        wrong: "ArgumentError",
        list: ["$edgeAgent", "$edgeHub", "camera"],
        agent: { camera: { type: "docker" } },
      },
      configurations: { metrics: { targeted: 1 }, settings: { period: 5 }, gone: "Error" },
      queries: { ids: ["bulk-1", "bulk-2"], count: [{ n: 2 }], wrong: "ArgumentError" },
      job: {
        status: "completed",
        succeeded: 2,
        batch: 7,
        perDevice: [
          ["bulk-1", "completed"],
          ["bulk-2", "completed"],
        ],
        cancelled: "cancelled",
        list: ["job-2"],
      },
      statistics: "number",
    });
  });

  describe("Node: a device by a CA certificate of the hub", () => {
    const send = (transport: string, hub: string, ...files: string[]) =>
      kit.node("certifiedDevice", [hub, "ca-device", ...files, transport], preloaded());

    before(async () => {
      environment.issue("ca-device");
      environment.chain("certs/ca-device-chain.cert.pem", "certs/ca-device.cert.pem", INTERMEDIATE);
      const authentication = { type: "certificateAuthority" };
      await environment.hub("PUT", "/devices/ca-device", { deviceId: "ca-device", authentication });
    });

    const files = () => [file("certs/ca-device-chain.cert.pem"), file("private/ca-device.key.pem")];

    it("is refused while the hub has no verified certificate", async () => {
      for (const transport of ["Http", "Mqtt"]) {
        const { code, stderr } = await send(transport, environment.hubHost, ...files());
        assert.equal(code, 1, transport);
        assert.match(stderr, /Unauthorized|NotConnected|not authorized/i);
      }
    });

    it("sends over HTTPS, MQTT and WebSocket by a chain to a verified one", async () => {
      const certificate = environment.read("certs/azure-iot-test-only.root.ca.cert.pem");
      const properties = { certificate: Buffer.from(certificate).toString("base64"), isVerified: true };
      const { subscriptionId } = environment.azure.ready;
      const path = `/subscriptions/${subscriptionId}/resourceGroups/test-rg/providers/Microsoft.Devices/IotHubs/test-hub/certificates/root`;
      assert.ok((await environment.arm("PUT", path, "2023-06-30", { properties })).status < 300);
      for (const transport of ["Http", "Mqtt", "MqttWs"]) {
        assert.deepEqual(printed(await send(transport, environment.hubHost, ...files())), { sent: transport });
      }
      const { body } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=ca-device");
      const { events } = body as { events: { body: unknown }[] };
      assert.deepEqual(
        events.map((event) => event.body),
        ["over Http", "over Mqtt", "over MqttWs"],
      );
    });
  });

  describe("in a network namespace, with no proxy and no preload", () => {
    const bare = (): NodeJS.ProcessEnv => ({ ...environment.azure.env });
    const within: Runner = (command, env) => inNamespace(environment.azure.ready, command, env);

    if (!namespacesPermitted()) {
      it("is rejected if the system permits none", async () => {
        assert.notEqual((await within(["true"], bare())).code, 0);
      });
      return;
    }

    for (const transport of ["Http", "Mqtt", "MqttWs"]) {
      it(`Node: the device SDKs over ${transport}`, async () => {
        const result = printed(await kit.node("provision", [...device(), transport], bare(), within));
        assert.deepEqual(result, { assignedHub: environment.hubHost, deviceId: "device-01", status: "assigned" });
      });
    }

    it("Python: azure-iot-device over MQTT, and the quickstart", async () => {
      const result = printed(await kit.python("device.py", [...device(), "mqtt"], bare(), within));
      assert.deepEqual(result, { assignedHub: environment.hubHost, deviceId: "device-01", status: "assigned" });
      const program = join(own, "Within.py");
      writeFileSync(
        program,
        quickstart(connectionString, environment.read("certs/unverified.root.ca.cert.pem"), "line-within"),
      );
      assert.equal((await kit.python(program, [], bare(), within)).code, 0);
      assert.equal((await environment.service("GET", "/enrollmentGroups/line-within")).status, 200);
    });
  });
});
