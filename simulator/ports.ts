import type { Server } from "node:net";
import { join } from "node:path";
import { readIfThere, writeWhole } from "./kernel/stateFile";

/** The ports of a local Azure, all on 127.0.0.1. */
export interface Ports {
  readonly proxy: number;
  readonly control: number;
  readonly metadata: number;
  /** Managed identity and GitHub's identity tokens, plain HTTP. */
  readonly machine: number;
}

/** A port that is remembered from an earlier start is held by another program. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

const NAMES = ["control", "proxy", "metadata", "machine"] as const satisfies readonly (keyof Ports)[];

const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536;

/** The ports of an earlier start, which may know fewer; none when there was no such start, or the file is not whole. */
export function rememberedPorts(directory: string): Partial<Ports> {
  try {
    const kept = JSON.parse(readIfThere(join(directory, "ports.json")) ?? "{}") as Record<string, unknown>;
    return Object.fromEntries(NAMES.flatMap((name) => (isPort(kept[name]) ? [[name, kept[name]]] : [])));
  } catch {
    return {};
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/**
 * Starts the listeners: on the remembered ports, or the first time on free ones, which are remembered from then on
 * (shells keep them in their environment). Throws PortTakenError, naming the port and the way out.
 */
export async function listenAll(directory: string, servers: Readonly<Record<keyof Ports, Server>>): Promise<Ports> {
  const kept = rememberedPorts(directory);
  const ports: Record<keyof Ports, number> = { proxy: 0, control: 0, metadata: 0, machine: 0 };
  for (const name of NAMES) {
    try {
      ports[name] = await listen(servers[name], kept[name] ?? 0);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
      const file = join(directory, "ports.json");
      throw new PortTakenError(
        `listen EADDRINUSE: address already in use 127.0.0.1:${kept[name]}. The ${name} port is held by another program. End that program, or delete ${file} to have free ports chosen.`,
        { cause },
      );
    }
  }
  if (NAMES.some((name) => kept[name] === undefined)) {
    writeWhole(join(directory, "ports.json"), `${JSON.stringify(ports)}\n`);
  }
  return ports;
}
