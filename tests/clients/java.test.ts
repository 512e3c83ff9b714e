import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { javaProgram } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { launchTestAzure } from "../cast/launchedAzure";
import { inNamespace, namespacesPermitted } from "../cast/namespace";

describe("Azure's own SDKs for Java, unmodified, in a network namespace", function () {
  this.timeout(600_000);
  let environment: DeviceEnvironment | undefined;
  let java: Awaited<ReturnType<typeof javaProgram>>;
  let trustStore = "";

  before(async function () {
    java = namespacesPermitted() ? await javaProgram() : undefined;
    if (java === undefined) this.skip();
    environment = await DeviceEnvironment.open(await launchTestAzure());
    trustStore = resolve(environment.folder, "trust.p12");
    const ca = ["-importcert", "-noprompt", "-alias", "local", "-file", environment.azure.ready.caFile];
    execFileSync("keytool", [...ca, "-keystore", trustStore, "-storepass", "changeit"], { stdio: "pipe" });
    const certificate = environment.read("certs/azure-iot-test-only.intermediate.cert.pem");
    const { status } = await environment.service("PUT", "/enrollmentGroups/line-1", {
      enrollmentGroupId: "line-1",
      attestation: { type: "x509", x509: { signingCertificates: { primary: { certificate } } } },
    });
    assert.equal(status, 200);
  });

  after(() => environment?.close());

  for (const protocol of ["MQTT", "MQTT_WS", "AMQPS", "AMQPS_WS"]) {
    it(`${protocol}: registration, telemetry, desired property, direct method and message to the device`, async () => {
      const { azure, folder, hubHost, idScope } = environment ?? assert.fail();
      const hub = `HostName=${hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment?.hubKey()}`;
      const files = ["certs/device-01-full-chain.cert.pem", "private/device-01.key.pem"].map((file) =>
        resolve(folder, file),
      );
      const args = [idScope, "device-01", ...files, protocol, hub];
      const { code, out, stderr } = await inNamespace(
        azure.ready,
        java?.("JavaDevice", trustStore, args) ?? assert.fail(),
        azure.env,
      );
      assert.equal(code, 0, stderr);
      assert.equal(out.trim(), `device-01@${hubHost}; desired ${protocol}; method 202 "reboot"; message restart a b/c`);
      const { body } = await azure.control("GET", "/hubs/test-hub/events");
      const { events } = body as {
        events: { systemProperties: Record<string, string>; properties: Record<string, string> }[];
      };
      const last = events.at(-1);
      // Over AMQP, the SDK adds a property of its own.
      assert.deepEqual([last?.systemProperties["message-id"], last?.properties.line], [`from-${protocol}`, "a b/c"]);
    });
  }
});
