import { randomInt } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:net";
import { join } from "node:path";
import { readIfThere, writeWhole } from "./kernel/stateFile";
import { type ListenOptions, LOOPBACK } from "./listenOptions";

/** The ports of a local Azure, all on one address. */
export interface Ports {
  readonly proxy: number;
  readonly control: number;
  readonly metadata: number;
  /** Managed identity and GitHub's identity tokens, plain HTTP. */
  readonly machine: number;
}

/** A port that is remembered or requested cannot be used. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

const NAMES = ["control", "proxy", "metadata", "machine"] as const satisfies readonly (keyof Ports)[];

const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536;

/** The ports of an earlier start; empty when there was none, or the file is damaged. */
export function rememberedPorts(directory: string): Partial<Ports> {
  try {
    const remembered = JSON.parse(readIfThere(join(directory, "ports.json")) ?? "{}") as Record<string, unknown>;
    return Object.fromEntries(NAMES.flatMap((name) => (isPort(remembered[name]) ? [[name, remembered[name]]] : [])));
  } catch {
    return {};
  }
}

/**
 * New ports are chosen below the range of outgoing connections (from 32768 on Linux, 49152 elsewhere), because any program
 * can take one of that range while the local Azure is stopped.
 */
const CHOICE = { first: 20_000, end: 30_000, tries: 50 };

const anyPort = (): number => randomInt(CHOICE.first, CHOICE.end);

/** The ports from a base: the order is part of the command's documentation. */
const consecutive = (base: number): Ports => ({
  proxy: base,
  control: base + 1,
  metadata: base + 2,
  machine: base + 3,
});

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const isTaken = (error: unknown): boolean => codeOf(error) === "EADDRINUSE";

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ port, host, exclusive: true });
  // Removes its listeners when the server fails.
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Listens on a free port that most likely stays free while the local Azure is stopped. */
async function listenAnywhere(server: Server, host: string, choose: () => number): Promise<number> {
  for (let tries = 0; tries < CHOICE.tries; tries += 1) {
    try {
      return await listen(server, host, choose());
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  return listen(server, host, 0);
}

/** Listens on a port that was asked for. Throws PortTakenError where it is in use, not permitted, or not this machine's. */
export async function listenAt(server: Server, host: string, port: number): Promise<number> {
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: "end the program that uses it, or use another port",
    EACCES:
      "use a port from 1024, or permit this one: in a container, the sysctl net.ipv4.ip_unprivileged_port_start=0",
    EADDRNOTAVAIL: "use an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    ENOTFOUND: "use an address of this machine, such as 127.0.0.1 or 0.0.0.0",
  };
  try {
    return await listen(server, host, port);
  } catch (cause) {
    const remedy = remedies[codeOf(cause) ?? ""];
    if (remedy === undefined) throw cause;
    throw new PortTakenError(`${(cause as Error).message}. To fix: ${remedy}.`, { cause });
  }
}

/**
 * Starts the listeners at the requested ports, or else at the remembered ones; the first time on free ports, which are then
 * remembered, because shells have them in their environment. Throws PortTakenError, with the port and the remedy.
 */
export async function listenAll(
  directory: string,
  servers: Readonly<Record<keyof Ports, Server>>,
  { host = LOOPBACK, port }: Pick<ListenOptions, "host" | "port"> = {},
  choose: () => number = anyPort,
): Promise<Ports> {
  if (port !== undefined) {
    const fixed = consecutive(port);
    for (const name of NAMES) await listenAt(servers[name], host, fixed[name]);
    return fixed;
  }
  const remembered = rememberedPorts(directory);
  const ports: Record<keyof Ports, number> = { proxy: 0, control: 0, metadata: 0, machine: 0 };
  for (const name of NAMES) {
    const before = remembered[name];
    try {
      ports[name] = await (before === undefined
        ? listenAnywhere(servers[name], host, choose)
        : listen(servers[name], host, before));
    } catch (cause) {
      if (!isTaken(cause)) throw cause;
      const file = join(directory, "ports.json");
      throw new PortTakenError(
        `listen EADDRINUSE: address already in use ${host}:${before}. The ${name} port is used by another program. To fix: end that program, or delete ${file} so that free ports are chosen.`,
        { cause },
      );
    }
  }
  if (NAMES.some((name) => remembered[name] === undefined)) {
    writeWhole(join(directory, "ports.json"), `${JSON.stringify(ports)}\n`);
  }
  return ports;
}
