import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";

const EVENTS_HOST = "iothub-ns-hub-1-1.servicebus.windows.net";

/** `disableLocalAuth`: the directory gives a hub without policies. */
describe("a hub whose local authentication is off", () => {
  let plane: DataPlane;
  const expiry = () => Math.floor(plane.clock.now().getTime() / 1000) + 3600;
  const sas = (resource: string) => createSas(resource, keyOf("iothubowner-primary"), expiry(), "iothubowner");
  const turn = (isOff: boolean) => {
    const [hub, ...rest] = new DataPlane().directory.hubs;
    assert.ok(hub);
    plane.directory.hubs = [{ ...hub, policies: isOff ? [] : hub.policies }, ...rest];
  };
  /** Statuses of the service API and of the device API, by a policy's key. */
  const overHttps = async () => {
    const headers = { authorization: sas(HUB_HOST) };
    const params = { deviceId: "dev-1" };
    const get = await plane.ask("Devices_GetIdentity", { headers, params });
    const send = await plane.ask("Device_SendDeviceEvent", { headers, params, raw: Buffer.from("1") });
    return [get.status, send.status];
  };
  /** Whether each AMQP endpoint takes a token of a policy. */
  const overAmqp = async () => {
    const service = amqpOver(plane);
    const textKey = Buffer.from(keyOf("iothubowner-primary")).toString("base64");
    const tokens = [
      [HUB_HOST, HUB_HOST, sas(HUB_HOST)],
      [
        EVENTS_HOST,
        `sb://${EVENTS_HOST}/hub-1`,
        createSas(`sb://${EVENTS_HOST}/hub-1`, textKey, expiry(), "iothubowner"),
      ],
    ] as const;
    const statuses: number[] = [];
    for (const [host, audience, token] of tokens) {
      const client = await AmqpTestClient.open(service, host);
      statuses.push(await client.putToken(audience, token));
      client.close();
    }
    return statuses;
  };

  beforeEach(() => {
    plane = new DataPlane();
    plane.hubs.identities.save("hub-key-hub-1", {
      ...{ deviceId: "dev-1", enabled: true, iotEdge: false, tags: {}, desired: {} },
      authentication: { type: "sas", symmetricKey: { primaryKey: keyOf("a"), secondaryKey: keyOf("b") } },
    });
  });

  it("refuses the signatures of its policies at the service, the devices', and both AMQP endpoints", async () => {
    turn(false);
    assert.deepEqual(
      [await overHttps(), await overAmqp()],
      [
        [200, 204],
        [200, 202],
      ],
    );
    turn(true);
    assert.deepEqual(
      [await overHttps(), await overAmqp()],
      [
        [401, 401],
        [401, 401],
      ],
    );
  });

  it("takes Entra tokens of services all the same", async () => {
    turn(true);
    const headers = { authorization: "Bearer good@https://iothubs.azure.net" };
    const { status } = await plane.ask("Devices_GetIdentity", { headers, params: { deviceId: "dev-1" } });
    assert.equal(status, 200);
  });
});
