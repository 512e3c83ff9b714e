import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { generate, type Packet } from "mqtt-packet";
import { ARM_HOST, GLOBAL_DEVICE_ENDPOINT, hubHost } from "../../../azure/hosts";
import type { Ready } from "../../../emulator/contract/ready";
import { startLocalAzure } from "../../../emulator/localAzure";
import { failureLog } from "./failureLog";
import { azureTarget, listenerPort, RawHttp } from "./rawHttp";
import { SeededRandom } from "./seededRandom";

/** Milliseconds after which a connection counts as forgotten. */
const TIMEOUT_MS = 5000;

/** Bytes for a listener: its port, or a device host behind the proxy and TLS. */
interface Attempt {
  readonly kind: string;
  readonly to: number | string;
  readonly bytes: Buffer;
  /** What must come back: a response to a CONNECT request. */
  readonly expected?: RegExp;
}

/** Changes some bytes, cuts, doubles or inserts. */
function mutateBytes(bytes: Buffer, random: SeededRandom): Buffer {
  let changed = Buffer.from(bytes);
  for (let count = random.pick([1, 1, 2, 5, 20]); count > 0; count -= 1) {
    const at = random.below(changed.length);
    const kind = random.below(6);
    if (kind === 0) changed = changed.subarray(0, at);
    else if (kind === 1) changed = Buffer.concat([changed, changed]);
    else if (kind === 2)
      changed = Buffer.concat([
        changed.subarray(0, at),
        Buffer.alloc(random.pick([1, 100, 70_000]), random.below(256)),
        changed.subarray(at),
      ]);
    else if (changed.length > 0) changed[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    if (changed.length === 0) changed = Buffer.from([random.below(256)]);
  }
  return changed;
}

const TARGETS: readonly ((random: SeededRandom) => string)[] = [
  () => `${ARM_HOST}:443`,
  () => `${ARM_HOST.toUpperCase()}:443`,
  () => `${hubHost("hub-1")}:8883`,
  () => "evil.example:443",
  () => `${ARM_HOST}:443@evil.example:443`,
  () => "",
  () => ":",
  () => ":443",
  () => "[::1]:443",
  () => `${ARM_HOST}:99999999999`,
  () => `${ARM_HOST}:-1`,
  () => `${ARM_HOST}.:443`,
  () => `.${hubHost("")}:443`,
  () => `__proto__:443`,
  () => `constructor.azure-devices.net:443`,
  () => `http://${ARM_HOST}:443/`,
  () => `x.managedhsm.azure.net:443`,
  (random) => `${"a".repeat(random.pick([64, 300, 15_000]))}.azure-devices.net:443`,
  (random) => `${"a.".repeat(random.pick([64, 5000]))}vault.azure.net:443`,
  (random) =>
    mutateBytes(Buffer.from(`${ARM_HOST}:443`), random)
      .toString("latin1")
      .replace(/[\s\0-\x20\x7f-\xff]/g, "x")
      .slice(0, 10_000),
];

const PACKETS: readonly Packet[] = [
  {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    clientId: "device-1",
    keepalive: 60,
    username: `${hubHost("hub-1")}/device-1/?api-version=2021-04-12`,
    password: Buffer.from("SharedAccessSignature sr=x&sig=x&se=1"),
  },
  {
    cmd: "publish",
    topic: "devices/device-1/messages/events/a=b&%24.ct=x",
    payload: Buffer.from("{}"),
    qos: 1,
    dup: false,
    retain: false,
    messageId: 1,
  },
  { cmd: "subscribe", messageId: 2, subscriptions: [{ topic: "$dps/registrations/res/#", qos: 1 }] },
  { cmd: "pingreq" },
];

/** The ClientHello of Node's own TLS client. */
async function clientHello(): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const hello = new Promise<Buffer>((done) =>
    server.once("connection", (socket) => socket.once("data", done).on("error", () => undefined)),
  );
  const client = connectTls({ port, host: "127.0.0.1", servername: ARM_HOST });
  client.on("error", () => undefined);
  const bytes = await hello;
  client.destroy();
  server.close();
  return bytes;
}

function attempt(
  { proxyUrl, controlUrl, machineUrl, metadataHost }: Ready,
  hello: Buffer,
  random: SeededRandom,
): Attempt {
  const [proxy, direct] = [listenerPort(proxyUrl), listenerPort(`http://${metadataHost}`)];
  const kind = random.below(10);
  if (kind < 4) {
    const target = random.pick(TARGETS)(random);
    const bytes = Buffer.from(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "latin1");
    return { kind: "CONNECT", to: proxy, bytes, expected: /^HTTP\/1\.1 (200|400|403|431|501) / };
  }
  if (kind < 6) return { kind: "ClientHello", to: direct, bytes: mutateBytes(hello, random) };
  if (kind < 8) {
    const packets = Buffer.concat(PACKETS.slice(0, 1 + random.below(PACKETS.length)).map((packet) => generate(packet)));
    return {
      kind: "MQTT",
      to: random.pick([hubHost("hub-1"), GLOBAL_DEVICE_ENDPOINT]),
      bytes: mutateBytes(packets, random),
    };
  }
  const request = `GET http://169.254.169.254/metadata/identity/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc`;
  return {
    kind: "HTTP",
    to: random.pick([proxy, listenerPort(controlUrl), listenerPort(machineUrl)]),
    bytes: mutateBytes(Buffer.from(request), random),
  };
}

/**
 * Sends bytes, ends the client's side, and returns what came back until the other side ended, or until `last` came; undefined
 * if neither happened in time.
 */
function exchanged(socket: Socket, bytes: Buffer, last?: RegExp): Promise<string | undefined> {
  return new Promise((resolve) => {
    let seen = "";
    const finish = (outcome: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish(undefined), TIMEOUT_MS);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      seen += chunk.toString("latin1");
      if (last?.test(seen)) finish(seen);
    });
    socket.once("close", () => finish(seen));
    socket.end(bytes);
  });
}

/** Sends mutated bytes to every listener and to MQTT. Returns what was found, and how many attempts got bytes back. */
export async function fuzzFront({
  seed,
  count,
}: {
  readonly seed: number;
  readonly count: number;
}): Promise<{ findings: string[]; responses: number }> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-front-"));
  const failures: string[] = [];
  const azure = await startLocalAzure(folder, failureLog(failures));
  const http = new RawHttp(readFileSync(azure.ready.caFile, "utf8"));
  const random = new SeededRandom(seed);
  const findings: string[] = [];
  let responses = 0;
  try {
    const hello = await clientHello();
    for (let index = 0; index < count; index += 1) {
      const { kind, to, bytes, expected } = attempt(azure.ready, hello, random);
      const open = (): Promise<Socket> =>
        typeof to === "string"
          ? http.open(azureTarget(azure.ready, to))
          : Promise.resolve(connect({ port: to, host: "127.0.0.1" }));
      // A slow machine is no finding: the second time it is quick.
      const seen = (await exchanged(await open(), bytes, expected)) ?? (await exchanged(await open(), bytes, expected));
      const found = (what: string): void => {
        findings.push(
          `seed ${seed}, attempt ${index}, ${kind}: ${what}\n  ${JSON.stringify(bytes.toString("latin1").slice(0, 2000))}`,
        );
      };
      if (seen === undefined) found("the connection stayed open");
      else if (seen !== "") responses += 1;
      if (expected && seen !== undefined && !expected.test(seen))
        found(`returned ${JSON.stringify(seen.slice(0, 200))}`);
      for (const failure of failures.splice(0)) found(failure);
    }
  } finally {
    http.close();
    await azure.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { findings, responses };
}
