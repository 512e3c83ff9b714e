import { strict as assert } from "node:assert";
import { message as amqp, type Message, type Receiver, type Sender, types } from "rhea";
import { createSas } from "../../../../azure/sas";
import { AmqpTestClient } from "../../../cast/amqpClient";
import { amqpOver } from "../../../cast/amqpService";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";

const DEVICE = `${HUB_HOST}/devices/pump`;
const BODY = amqp.data_section(Buffer.from("{}"));

/** What is used of rhea beyond its declarations. */
const { Writer, ...rhea } = types as unknown as {
  readonly Writer: new () => { write(value: unknown): void; toBuffer(): Buffer };
  described(descriptor: unknown, value: unknown): unknown;
  wrap(value: unknown): unknown;
};
const described = (code: number, value: unknown): unknown => rhea.described(types.wrap_ulong(code), value);
const wrap = (value: unknown): unknown => rhea.wrap(value);

/** Values of AMQP's types where another type belongs, and values that no text can be made of. */
const ODD: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  "a byte": types.wrap_ubyte(7),
  "a number": types.wrap_int(-1),
  "a long": types.wrap_long(Buffer.alloc(8, 0x7f)),
  "not a number": types.wrap_double(Number.NaN),
  "a time past all dates": types.wrap_timestamp(8.64e15 + 1),
  bytes: Buffer.from([0xff, 0xfe, 0]),
  "long text": "x".repeat(20_000),
  "a text of controls": "\u0000\r\n\u2028\ud800",
  "a list": types.wrap_list([1, [2, [3]]]),
  "an empty list": types.wrap_list([]),
  "a map": types.wrap_map({ length: 4_000_000_000, toString: 1, valueOf: 1, toJSON: 1 }),
  "an array": types.wrap_array(["a", "b"], 0xa1, undefined),
  "a described value": rhea.described(types.wrap_symbol("odd:thing"), types.wrap_int(1)),
};

const FIELDS = [
  ...["message_id", "user_id", "to", "subject", "reply_to", "correlation_id", "content_type", "content_encoding"],
  ...["absolute_expiry_time", "creation_time", "group_id", "group_sequence", "reply_to_group_id"],
];

/** The bytes of a message with values in the fields of its properties, by name. */
function encoded(fields: Readonly<Record<string, unknown>>): Buffer {
  const properties = types.wrap_list(FIELDS.map((name) => (name in fields ? wrap(fields[name]) : null)));
  const writer = new Writer();
  writer.write(described(0x73, properties));
  writer.write(described(0x75, types.wrap_binary(Buffer.from("{}"))));
  return writer.toBuffer();
}

describe("odd values over AMQP", () => {
  const plane = new DataPlane();
  const failures: string[] = [];
  const service = amqpOver(plane, (_, error) => failures.push(String((error as Error).stack)));
  let client: AmqpTestClient;
  let owner: AmqpTestClient;

  before(async () => {
    const authentication = { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") } };
    const body = { deviceId: "pump", authentication };
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: "pump" }, body });
    client = await AmqpTestClient.open(service, HUB_HOST);
    const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 3600;
    assert.equal(await client.putToken(DEVICE, createSas(DEVICE, keyOf("device"), expiry)), 200);
    owner = await AmqpTestClient.open(service, HUB_HOST);
    assert.equal(await owner.putToken(HUB_HOST, plane.sas(HUB_HOST, "iothubowner")), 200);
  });
  after(() => {
    client.close();
    owner.close();
  });

  afterEach(() => assert.deepEqual(failures.splice(0), []));

  /** Sends; the local Azure takes it or says what is wrong with it. */
  async function judged(send: Promise<unknown>): Promise<void> {
    await send.catch((error: { readonly condition?: string; readonly message?: string }) => {
      assert.notEqual(error.condition, "amqp:internal-error", error.message);
      assert.ok(error.condition, String(error));
    });
  }

  for (const [what, value] of Object.entries(ODD)) {
    it(`are taken or refused by name: ${what} in telemetry`, async () => {
      const sender = await client.sender("/devices/pump/messages/events");
      for (const name of FIELDS) await judged(client.send(sender, encoded({ [name]: value }) as unknown as Message, 0));
      for (const section of ["application_properties", "message_annotations"]) {
        const names = ["x", "dt-subject", "iothub-ack", "__proto__"];
        const properties = Object.fromEntries(names.map((name) => [name, value]));
        await judged(client.send(sender, { [section]: properties, body: BODY } as unknown as Message));
      }
      sender.close();
      assert.ok(JSON.stringify(plane.hubs.events.read("hub-1")));
    });

    it(`are taken or refused by name: ${what} in a message to a device`, async () => {
      const sender = await owner.sender("/messages/devicebound");
      const to = "/devices/pump/messages/devicebound";
      for (const name of FIELDS) {
        await judged(owner.send(sender, encoded({ to, [name]: value }) as unknown as Message, 0));
        const { headers, status } = await plane.ask("Device_ReceiveDeviceBoundNotification", {
          params: { deviceId: "pump" },
        });
        assert.ok(status === 204 || Object.values(headers).every((each) => typeof each === "string"), name);
      }
      sender.close();
      plane.hubs.devices.messages.purge({ hub: "hub-key-hub-1", deviceId: "pump" });
    });

    it(`are taken or refused by name: ${what} in requests to the twin and to $cbs`, async () => {
      for (const name of ["operation", "resource"]) {
        const sender = await client.sender("/devices/pump/twin");
        const receiver = await client.receiver("/devices/pump/twin");
        receiver.add_credit(10);
        const given = { message_annotations: { operation: "GET", [name]: value }, body: BODY };
        await judged(client.send(sender, given as unknown as Message));
        await judged(client.send(sender, encoded({ correlation_id: value }) as unknown as Message, 0));
        sender.close();
        receiver.close();
      }
      const methods = await client.sender("/devices/pump/methods/devicebound");
      const status = { application_properties: { "IoThub-status": value }, body: BODY };
      await judged(client.send(methods, status as unknown as Message));
      methods.close();
      for (const name of ["operation", "type", "name"]) {
        const known = { operation: "put-token", type: "servicebus.windows.net:sastoken", name: DEVICE, [name]: value };
        const request = client.request("$cbs", { application_properties: known as never, body: value as never });
        await judged(request.then(({ application_properties: p }) => assert.notEqual(p?.["status-code"], 500)));
      }
    });

    it(`are refused: ${what} as an address, a filter or an owner level`, async () => {
      const events = await AmqpTestClient.open(service, plane.directory.hub(HUB_HOST)?.events.host ?? "");
      const { events: endpoint, policies } = plane.directory.hub(HUB_HOST) ?? assert.fail();
      const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 3600;
      const audience = `sb://${endpoint.host}/${endpoint.path}`;
      const key = Buffer.from(policies[0]?.primaryKey ?? "").toString("base64");
      assert.equal(await events.putToken(audience, createSas(audience, key, expiry, policies[0]?.keyName)), 202);
      const path = "hub-1/ConsumerGroups/$default/Partitions/0";
      for (const each of [client, events]) {
        await judged(withAddress(each.connection.open_receiver({ credit_window: 0 } as never), 5, value));
        await judged(withAddress(each.connection.open_sender({} as never), 6, value));
      }
      const read = { operation: "READ", type: "com.microsoft:partition", name: "hub-1" };
      for (const name of ["operation", "type", "name", "partition"]) {
        const request = { application_properties: { ...read, partition: "0", [name]: value } } as never;
        await judged(
          events
            .request("$management", request)
            .then(({ application_properties: p }) => assert.notEqual(p?.["status-code"], 500)),
        );
      }
      await judged(events.receiver(path, { filter: { "apache.org:selector-filter:string": value } }));
      await judged(events.receiver(path, { properties: { "com.microsoft:epoch": value } }));
      events.close();
    });
  }
});

/** Attaches a link with any value as its address. `field`: 5 is the source, 6 the target. Resolves when it is attached or detached. */
async function withAddress(link: Sender | Receiver, field: 5 | 6, address: unknown): Promise<void> {
  const { attach } = (link as unknown as { local: { attach: { value: unknown[] } } }).local;
  attach.value[field] = described(field === 5 ? 0x28 : 0x29, types.wrap_list([wrap(address)]));
  const kind = field === 5 ? "receiver" : "sender";
  await new Promise<void>((resolve, reject) => {
    link.once(`${kind}_error`, () =>
      reject({ condition: (link.error as { condition?: string } | undefined)?.condition }),
    );
    link.once(`${kind}_open`, () => setImmediate(resolve));
  });
}
