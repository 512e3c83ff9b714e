import { strict as assert } from "node:assert";
import { message as amqp, type Message } from "rhea";
import { createSas } from "../../../../azure/sas";
import type { AmqpService } from "../../../../emulator/amqp/amqpService";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, GLOBAL_HOST, keyOf } from "../../../cast/dataPlane";
import { PretendTpm } from "../../../cast/pretendTpm";

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

  it("finds no operation by an ID that is a map", async () => {
    const device = await connect(PATH);
    await assert.rejects(
      ask(device, { "iotdps-operation-type": "iotdps-get-operationstatus", "iotdps-operation-id": { toString: 1 } }),
      (error: Error & { condition?: string }) => {
        assert.equal(error.condition, "amqp:not-found");
        return true;
      },
    );
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

  describe("by a TPM", () => {
    const ID = "tpm-1";
    const ADDRESS = `${SCOPE}/registrations/${ID}`;
    let tpm: PretendTpm;
    let other: PretendTpm;

    before(() => {
      [tpm, other] = [new PretendTpm(), new PretendTpm()];
    });

    beforeEach(async () => {
      const attestation = { type: "tpm", tpm: { endorsementKey: tpm.endorsementKey } };
      const { status } = await plane.ask("IndividualEnrollment_CreateOrUpdate", {
        params: { id: ID },
        body: { registrationId: ID, attestation },
      });
      assert.equal(status, 200);
    });

    const zero = Buffer.from([0]);
    type Answer = (error: Error | undefined, response?: Buffer) => void;

    /** The mechanism TPM as azure-iot-provisioning-device-amqp has it. `sign` makes the signature. */
    function mechanism(of: PretendTpm, sign: () => string, seen: number[] = [], init?: Buffer) {
      const keys = [of.endorsementKey, of.storageRootKey].map((key) => Buffer.from(key, "base64"));
      const [endorsementKey = zero, storageRootKey = zero] = keys;
      const parts: Buffer[] = [];
      return {
        start: (done: Answer) =>
          done(
            undefined,
            init ?? Buffer.concat([zero, Buffer.from(SCOPE), zero, Buffer.from(ID), zero, endorsementKey]),
          ),
        step(challenge: Buffer, done: Answer) {
          const [control = 0] = challenge;
          if (challenge.length === 1) return done(undefined, Buffer.concat([zero, storageRootKey]));
          seen.push(control);
          assert.ok(challenge.length < 500);
          parts.push(challenge.subarray(1));
          if (control < 0xc0) return done(undefined, zero);
          of.activate(Buffer.concat(parts).toString("base64"));
          return done(undefined, Buffer.concat([zero, Buffer.from(sign())]));
        },
      };
    }

    const signature = (key = tpm.identityKey) =>
      createSas(ADDRESS, key, Math.floor(plane.clock.now().getTime() / 1000) + 3600, "registration");

    const attach = async (tpmClient: object): Promise<AmqpTestClient> => {
      client?.close();
      const options = { username: undefined, sasl_mechanisms: { TPM: () => tpmClient } };
      client = await AmqpTestClient.open(service, GLOBAL_HOST, options);
      return client;
    };

    const send = async (of: AmqpTestClient, properties: Record<string, unknown>) => {
      const { endorsementKey, storageRootKey } = tpm;
      const body = { registrationId: ID, tpm: { endorsementKey, storageRootKey } };
      const { body: response } = await of.request(ADDRESS, {
        application_properties: properties,
        body: amqp.data_section(Buffer.from(JSON.stringify(body))),
      });
      return JSON.parse(String(response.content));
    };

    it("exchanges the keys in SASL, registers, and returns the key for the hub", async () => {
      const seen: number[] = [];
      const device = await attach(mechanism(tpm, signature, seen));
      assert.deepEqual(seen, [0x80, 0x81, 0xc2]);
      const { operationId } = await send(device, { "iotdps-operation-type": "iotdps-register" });
      const { registrationState } = await send(device, {
        "iotdps-operation-type": "iotdps-get-operationstatus",
        "iotdps-operation-id": operationId,
      });
      assert.equal(registrationState.deviceId, ID);
      tpm.activate(registrationState.tpm.authenticationKey);
      const identity = plane.hubs.identities.find("hub-key-hub-1", ID);
      assert.equal(identity?.authentication.symmetricKey?.primaryKey, tpm.identityKey);
    });

    it("refuses another TPM, one without an enrollment, and what is no exchange, in SASL", async () => {
      await assert.rejects(attach(mechanism(other, signature)));
      const unknown = Buffer.concat([zero, Buffer.from(SCOPE), zero, Buffer.from("none"), zero, Buffer.alloc(300, 1)]);
      for (const init of [Buffer.alloc(0), zero, Buffer.from("\0a\0"), Buffer.alloc(400, 1), unknown]) {
        await assert.rejects(attach(mechanism(tpm, signature, [], init)));
      }
      assert.equal(plane.hubs.identities.find("hub-key-hub-1", ID), undefined);
    });

    it("refuses a signature by another key at the registration", async () => {
      const device = await attach(mechanism(tpm, () => signature(keyOf("other"))));
      await assert.rejects(send(device, { "iotdps-operation-type": "iotdps-register" }), {
        condition: "amqp:unauthorized-access",
      });
    });

    it("is no mechanism of a hub", async () => {
      const options = { username: undefined, sasl_mechanisms: { TPM: () => mechanism(tpm, signature) } };
      await assert.rejects(AmqpTestClient.open(service, "hub-1.azure-devices.net", options));
    });
  });
});
