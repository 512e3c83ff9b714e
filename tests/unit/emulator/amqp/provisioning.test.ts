import { strict as assert } from "node:assert";
import { message as amqp, type Message } from "rhea";
import { createSas } from "../../../../azure/sas";
import type { AmqpService } from "../../../../emulator/amqp/amqpService";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, GLOBAL_HOST, keyOf } from "../../../cast/dataPlane";

const SCOPE = "0ne00000001";
const PATH = `${SCOPE}/registrations/dev-1`;

describe("registration over AMQP", () => {
  let plane: DataPlane;
  let service: AmqpService;
  let client: AmqpTestClient | undefined;

  beforeEach(async () => {
    plane = new DataPlane();
    service = amqpOver(plane);
    const attestation = {
      type: "symmetricKey",
      symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") },
    };
    const { status } = await plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id: "dev-1" },
      body: { registrationId: "dev-1", attestation },
    });
    assert.equal(status, 200);
  });

  afterEach(() => client?.close());

  const connect = async (username: string, key = keyOf("device")): Promise<AmqpTestClient> => {
    const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 3600;
    const password = createSas(`${SCOPE}/registrations/dev-1`, key, expiry, "registration");
    client?.close();
    client = await AmqpTestClient.open(service, GLOBAL_HOST, { username, password });
    return client;
  };

  const ask = (of: AmqpTestClient, properties: Record<string, unknown>): Promise<Message> =>
    of.request(PATH, {
      application_properties: properties,
      body: amqp.data_section(Buffer.from(JSON.stringify({ registrationId: "dev-1" }))),
    });

  it("registers a device, and tells how the operation ends", async () => {
    const device = await connect(PATH);
    const registered = await ask(device, { "iotdps-operation-type": "iotdps-register" });
    const { operationId, status } = JSON.parse(String(registered.body.content));
    assert.equal(status, "assigning");
    const ended = await ask(device, {
      "iotdps-operation-type": "iotdps-get-operationstatus",
      "iotdps-operation-id": operationId,
    });
    const operation = JSON.parse(String(ended.body.content));
    assert.deepEqual([operation.status, operation.registrationState.deviceId], ["assigned", "dev-1"]);
  });

  it("refuses a wrong signature with Azure's error, and does not register the device", async () => {
    const device = await connect(PATH, keyOf("wrong"));
    await assert.rejects(ask(device, { "iotdps-operation-type": "iotdps-register" }), (error: Error) => {
      const { condition, description } = error as Error & { condition: string; description: string };
      assert.equal(condition, "amqp:unauthorized-access");
      assert.equal(JSON.parse(description).errorCode, 401002);
      return true;
    });
    assert.equal(plane.hubs.identities.find("hub-key-hub-1", "dev-1"), undefined);
  });

  it("refuses a user name of another form, a signature of another device, and an unknown operation", async () => {
    await assert.rejects(connect("dev-1"));
    const other = await connect(`${SCOPE}/registrations/dev-2`);
    const register = { "iotdps-operation-type": "iotdps-register" };
    await assert.rejects(ask(other, register), { condition: "amqp:unauthorized-access" });
    const device = await connect(PATH);
    await assert.rejects(ask(device, { "iotdps-operation-type": "none" }), {
      condition: "com.microsoft:argument-error",
    });
  });
});
