import { mkdtempSync, rmSync } from "node:fs";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { connect as connectPlain, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azureHost } from "../../azure/hosts";
import { openAuthority } from "../../emulator/front/authority";
import { createConnectProxy } from "../../emulator/front/connectProxy";
import { Contexts } from "../../emulator/front/contexts";
import { createDirectListener } from "../../emulator/front/directListener";
import type { StreamProtocol } from "../../emulator/front/streamProtocol";
import { Terminator } from "../../emulator/front/terminator";
import { CONNECTION_LIMITS, type ConnectionLimits } from "../../emulator/kernel/connectionLimits";

/** The front alone: proxy and direct listener over a handler of the test. */
export interface FrontHarness {
  readonly ca: string;
  readonly proxyPort: number;
  readonly directPort: number;
  /** The refused targets: `host:port`. */
  readonly refused: readonly string[];
  /** Opens a tunnel; returns the socket and the proxy's status line. */
  tunnel(target: string): Promise<{ socket: Socket; head: string }>;
  close(): Promise<void>;
}

/** MQTT's place in front of device hosts; ends every connection. */
export const closedMqtt: StreamProtocol = {
  port: 8883,
  firstBytes: Buffer.from([0x10]),
  pathsAt: () => ["/$iothub/websocket"],
  subProtocols: ["mqtt"],
  isServedAt: (host) => azureHost(host)?.service === "hub",
  start: (stream) => stream.destroy(),
};

const portOf = (server: Server | HttpServer): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Starts the front on free ports. */
export async function frontHarness(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  limits: ConnectionLimits = CONNECTION_LIMITS,
  protocols: readonly StreamProtocol[] = [closedMqtt],
): Promise<FrontHarness> {
  const directory = mkdtempSync(join(tmpdir(), "front-"));
  const authority = await openAuthority(directory);
  const terminator = new Terminator(new Contexts(authority), handle, () => undefined, protocols, limits);
  await terminator.setDefault("127.0.0.1");
  const refused: string[] = [];
  const servers = [
    createConnectProxy(terminator, (target) => refused.push(target), undefined, limits),
    createDirectListener(terminator, limits),
  ];
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()))));
  const [proxyPort = 0, directPort = 0] = servers.map(portOf);
  return {
    ca: authority.certificate,
    proxyPort,
    directPort,
    refused,
    tunnel: (target) =>
      new Promise((resolve, reject) => {
        const socket = connectPlain(proxyPort, "127.0.0.1");
        socket.once("error", reject);
        socket.once("connect", () => socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`));
        socket.once("data", (head) => resolve({ socket, head: head.toString("latin1") }));
      }),
    async close() {
      const ends = servers.map((server) => new Promise((done) => server.close(done)));
      terminator.close();
      await Promise.all(ends);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
