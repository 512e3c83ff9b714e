import { type Connection, type ConnectionOptions, create_container, type EventContext } from "rhea";
import { API_VERSIONS } from "../../azure/apiVersions";
import { hubHost } from "../../azure/hosts";
import { createSas } from "../../azure/sas";
import { type LocalAzure, withLocalAzure } from "../environment/localAzure";
import { compare, type Measurement, perSecond } from "../measure";
import { BareProgram } from "../rivals/bareProgram";

const ROUNDS = 5;
const EVENTS = 20_000;
/** Messages of one request: below 256 KB. */
const BATCH = 500;
/** Messages that the client has credit for. */
const CREDIT = 1000;
const HUB = "bench-hub";
const DEVICE = "bench-1";

/** Reading a hub's stored events over AMQP and TLS, against rhea's own server that sends the same from memory. */
export function eventMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure, folder) => {
    const rival = await BareProgram.start("bareAmqp", folder);
    try {
      const source = await storeEvents(azure);
      const result = await compare({
        name: "events",
        what: `reading ${EVENTS} stored events of one partition (AMQP, TLS)`,
        rival: "bare rhea server, the same messages from memory, same client",
        unit: "messages/s",
        bound: { atLeast: 0.5 },
        rounds: ROUNDS,
        theirs: () => read({ port: rival.port, host: "localhost", ca: rival.ca }, "any"),
        ours: () => read({ port: azure.port, host: source.host, ca: azure.ca }, source.address, source.token),
      });
      return [result];
    } finally {
      rival.stop();
    }
  });
}

interface Source {
  readonly host: string;
  readonly address: string;
  /** For `$cbs`. */
  readonly token: string;
}

/** Creates a hub with a device, and sends the events in batches. */
async function storeEvents(azure: LocalAzure): Promise<Source> {
  const location = "westeurope";
  const group = "/resourceGroups/bench";
  const hub = `${group}/providers/Microsoft.Devices/IotHubs/${HUB}`;
  const version = `api-version=${API_VERSIONS.iotHubs}`;
  await azure.arm("PUT", `${group}?api-version=${API_VERSIONS.resourceGroups}`, { location });
  await azure.arm("PUT", `${hub}?${version}`, { location, sku: { name: "S1", capacity: 1 }, properties: {} });
  const { primaryKey } = await azure.arm<{ primaryKey: string }>(
    "POST",
    `${hub}/IotHubKeys/iothubowner/listkeys?${version}`,
  );
  const { properties } = await azure.arm<{
    properties: { eventHubEndpoints: { events: { endpoint: string; path: string; partitionIds: string[] } } };
  }>("GET", `${hub}?${version}`);
  const { endpoint, path, partitionIds } = properties.eventHubEndpoints.events;
  const expiry = Math.floor(Date.now() / 1000) + 36_000;
  const host = hubHost(HUB);
  const authorization = createSas(host, primaryKey, expiry, "iothubowner");
  const agent = azure.agent(host);
  const ask = (method: string, at: string, body: unknown, type = "application/json") => {
    const headers = { authorization, "content-type": type };
    return azure.ask(
      { host, method, path: `${at}?api-version=2021-04-12`, headers, body: JSON.stringify(body) },
      agent,
    );
  };
  await ask("PUT", `/devices/${DEVICE}`, { deviceId: DEVICE });
  const body = Buffer.from(JSON.stringify({ temperature: 21.5, humidity: 40, text: "x".repeat(60) })).toString(
    "base64",
  );
  const batch = Array.from({ length: BATCH }, () => ({ body, properties: { "iothub-app-line": "1" } }));
  for (let sent = 0; sent < EVENTS; sent += BATCH) {
    await ask("POST", `/devices/${DEVICE}/messages/events`, batch, "application/vnd.microsoft.iothub.json");
  }
  agent.destroy();
  const eventsHost = new URL(endpoint.replace(/^sb:/, "https:")).hostname;
  // Event Hubs sign with the text of the key.
  const token = createSas(
    `sb://${eventsHost}/${path}`,
    Buffer.from(primaryKey).toString("base64"),
    expiry,
    "iothubowner",
  );
  const partition = await partitionWithEvents(azure, eventsHost, path, partitionIds, token);
  return { host: eventsHost, address: addressOf(path, partition), token };
}

const addressOf = (path: string, partition: string): string =>
  `${path}/ConsumerGroups/$Default/Partitions/${partition}`;

/** A server to read from. */
interface Server {
  readonly port: number;
  readonly host: string;
  readonly ca: string;
}

async function open({ port, host, ca }: Server): Promise<Connection> {
  const container = create_container({ id: "bench" });
  const options = {
    transport: "tls",
    host: "127.0.0.1",
    port,
    servername: host,
    hostname: host,
    ca,
    username: "anonymous",
  };
  const connection = container.connect({ ...options, reconnect: false } as unknown as ConnectionOptions);
  await new Promise((done, fail) => {
    connection.once("connection_open", done);
    connection.once("disconnected", ({ error }: EventContext) => fail(error ?? new Error("disconnected")));
  });
  return connection;
}

/** Shows a token to `$cbs`. */
function authorize(connection: Connection, token: string): Promise<void> {
  return new Promise((done, fail) => {
    const receiver = connection.open_receiver({ source: "$cbs", target: { address: "reply" } } as never);
    receiver.once("message", ({ message }: EventContext) => {
      const status = Number(message?.application_properties?.["status-code"]);
      if (status === 202) done();
      else fail(new Error(`the token was refused: ${status}`));
    });
    const sender = connection.open_sender("$cbs");
    sender.once("sendable", () => {
      const properties = { operation: "put-token", type: "servicebus.windows.net:sastoken", name: "events" };
      sender.send({ message_id: "1", reply_to: "reply", application_properties: properties, body: token });
    });
  });
}

/** Reads so many messages from an address; resolves when they are there. */
function take(connection: Connection, address: string, count: number): Promise<void> {
  return new Promise((done, fail) => {
    let left = count;
    const receiver = connection.open_receiver({ source: address, credit_window: CREDIT } as never);
    receiver.once("receiver_error", () => fail(new Error(JSON.stringify(receiver.error))));
    receiver.on("message", () => {
      left -= 1;
      if (left === 0) done();
    });
  });
}

/** Messages a second, the connection and its token not counted. */
async function read(server: Server, address: string, token?: string): Promise<number> {
  const connection = await open(server);
  try {
    if (token !== undefined) await authorize(connection, token);
    return await perSecond(EVENTS, () => take(connection, address, EVENTS));
  } finally {
    connection.close();
  }
}

/** The partition of the device: the one with an event. */
async function partitionWithEvents(
  azure: LocalAzure,
  host: string,
  path: string,
  ids: readonly string[],
  token: string,
): Promise<string> {
  const connection = await open({ port: azure.port, host, ca: azure.ca });
  try {
    await authorize(connection, token);
    return await Promise.race(ids.map((id) => take(connection, addressOf(path, id), 1).then(() => id)));
  } finally {
    connection.close();
  }
}
