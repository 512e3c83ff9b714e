import { strict as assert } from "node:assert";
import { applied } from "../../cli/local/localEnvironment";
import { withPreload } from "../../emulator/contract/nodePreload";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import type { Ended } from "../cast/ended";
import { launchTestAzure } from "../cast/launchedAzure";

describe("Azure's own device SDKs at their hub, unmodified", function () {
  this.timeout(300_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;

  before(async () => {
    kit = await clientKit();
    environment = await DeviceEnvironment.open(await launchTestAzure());
  });

  after(() => environment?.close());

  const printed = ({ code, out, stderr }: Ended): Record<string, unknown> => {
    assert.equal(code, 0, stderr);
    return JSON.parse(out);
  };

  /** Registers a device with a key; returns its connection string. */
  async function registered(deviceId: string): Promise<string> {
    const { status, body } = await environment.hub("PUT", `/devices/${deviceId}`, { deviceId });
    assert.equal(status, 200);
    const key = body.authentication.symmetricKey.primaryKey;
    return `HostName=${environment.hubHost};DeviceId=${deviceId};SharedAccessKey=${key}`;
  }

  for (const transport of ["Mqtt", "MqttWs"]) {
    it(`Node: twin, direct methods and errors over ${transport}, with azure-iothub`, async () => {
      const device = await registered(`node-${transport}`);
      const service = `HostName=${environment.hubHost};SharedAccessKeyName=iothubowner;SharedAccessKey=${await environment.hubKey()}`;
      const env = applied(environment.azure.env, withPreload({ set: {}, unset: [] }, environment.azure.ready, {}));
      const { offline, ...seen } = printed(await kit.node("deviceTwin", [device, service, transport], env));
      assert.match(String(offline), /404103/);
      assert.deepEqual(seen, {
        version: 1,
        reported: ["1.2", "Connected"],
        desired: 7,
        method: { status: 202, payload: { echo: { in: 5 } } },
      });
    });
  }

  for (const transport of ["mqtt", "websockets"]) {
    it(`Python: twin and direct methods over ${transport}`, async () => {
      const deviceId = `python-${transport}`;
      const device = await registered(deviceId);
      const env = { ...environment.azure.env, mqtt_proxy: environment.azure.ready.proxyUrl };
      const running = kit.python("device_twin.py", [device, transport], env);
      const call = {
        methodName: "reboot",
        payload: { in: 5 },
        connectTimeoutInSeconds: 60,
        responseTimeoutInSeconds: 60,
      };
      const method = await environment.hub("POST", `/twins/${deviceId}/methods`, call);
      assert.deepEqual([method.status, method.body], [200, { status: 201, payload: { echo: { in: 5 } } }]);
      await environment.hub("PATCH", `/twins/${deviceId}`, { properties: { desired: { interval: 7 } } });
      assert.deepEqual(printed(await running), {
        before: { desired: { $version: 1 }, reported: { $version: 1 } },
        after: { firmware: "1.2", $version: 2 },
        method: ["reboot", { in: 5 }],
        patch: { interval: 7, $version: 2 },
      });
    });
  }
});
