import { strict as assert } from "node:assert";
import { resolve } from "node:path";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { launchTestAzure } from "../cast/launchedAzure";

describe("Azure's own Node SDKs for devices and services, unmodified, over AMQP against the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;
  let connectionString = "";

  before(async () => {
    kit = await clientKit();
    environment = await DeviceEnvironment.open(await launchTestAzure());
    connectionString = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
    const { status } = await environment.service("PUT", "/enrollmentGroups/line-1", {
      enrollmentGroupId: "line-1",
      attestation: {
        type: "x509",
        x509: {
          signingCertificates: {
            primary: { certificate: environment.read("certs/azure-iot-test-only.intermediate.cert.pem") },
          },
        },
      },
    });
    assert.equal(status, 200);
  });

  after(() => environment?.close());

  for (const transport of ["Amqp", "AmqpWs"]) {
    it(`${transport}: registration, telemetry, twin, direct method, message to the device and its feedback`, async () => {
      const file = (name: string) => resolve(environment.folder, name);
      const chain = file("certs/device-01-full-chain.cert.pem");
      const args = [environment.idScope, "device-01", chain, file("private/device-01.key.pem"), transport];
      const env = applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
      const { code, out, stderr } = await kit.node("amqp", [...args, connectionString], env);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(out), {
        assignedHub: environment.hubHost,
        deviceId: "device-01",
        status: "assigned",
        desired: 5,
        reported: "1.2",
        method: { status: 202, payload: { delay: 3 } },
        message: { id: "m-1", body: "restart", line: "a b/c" },
        feedback: { originalMessageId: "m-1", statusCode: "Success", deviceId: "device-01" },
        connected: "Connected",
      });
      const { body } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=device-01");
      const { events } = body as { events: { systemProperties: Record<string, string>; body: object }[] };
      const last = events.at(-1);
      assert.deepEqual(
        [last?.systemProperties["message-id"], last?.systemProperties["content-type"], last?.body],
        [`from-${transport}`, "application/json", { temperature: 21 }],
      );
    });
  }
});
