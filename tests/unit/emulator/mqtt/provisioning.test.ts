import assert from "node:assert/strict";
import type { MqttClient } from "../../../../emulator/mqtt/mqttDependencies";
import { provisioningEndpoint } from "../../../../emulator/mqtt/provisioning/provisioningEndpoint";

describe("DPS over MQTT", () => {
  it("returns the request ID as sent by the client", async () => {
    const sent: string[] = [];
    const client: MqttClient = {
      host: "global.azure-devices-provisioning.net",
      clientId: "device-1",
      userName: "0ne00000001/registrations/device-1/api-version=2019-03-31",
      password: undefined,
      isClean: true,
      will: undefined,
      reads: () => true,
      clientChain: () => [Buffer.from("a certificate")],
      send: (_filter, { topic }) => sent.push(topic) > 0,
      end: assert.fail,
    };
    const given: string[] = [];
    const link = await provisioningEndpoint(async (operation, { params }) => {
      given.push(`${operation} ${params.operationId ?? ""}`.trim());
      return { status: 202, headers: { "retry-after": "3" }, body: {} };
    })(client);
    for (const topic of [
      "$dps/registrations/PUT/iotdps-register/?$rid=a%26b+c",
      "$dps/registrations/GET/iotdps-get-operationstatus/?operationId=5.a&%24rid=r2",
      "$dps/registrations/GET/iotdps-get-operationstatus/?operationId=5.b",
    ]) {
      await link.receive({ topic, body: Buffer.from("{}"), retain: false });
    }
    assert.deepEqual(sent, [
      "$dps/registrations/res/202/?$rid=a%26b+c&retry-after=3",
      "$dps/registrations/res/202/?$rid=r2&retry-after=3",
      "$dps/registrations/res/202/?$rid=&retry-after=3",
    ]);
    const status = "RuntimeRegistration_OperationStatusLookup";
    assert.deepEqual(given, ["RuntimeRegistration_RegisterDevice", `${status} 5.a`, `${status} 5.b`]);
  });
});
