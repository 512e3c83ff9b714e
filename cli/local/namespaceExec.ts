import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Environment } from "../../emulator/contract/shellExports";
import { splice } from "../namespace/splice.cjs";
import { output, run } from "../runProgram";
import type { Ready } from "./readyFile";

/** Variables that lead clients through the proxy: in the namespace Azure's names lead to the local Azure themselves. */
const PROXY_VARIABLES = [
  ...["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
  ...["NO_PROXY", "no_proxy", "mqtt_proxy", "NODE_USE_ENV_PROXY"],
];

/** Where Azure listens: HTTPS and WebSocket, MQTT, and AMQP. */
const AZURE_PORTS = [443, 8883, 5671];

/** The environment of the shell without proxies: trust and credentials stay. */
export function withoutProxy({ set, unset }: Environment): Environment {
  const kept = Object.entries(set).filter(([name]) => !PROXY_VARIABLES.includes(name));
  return { set: Object.fromEntries(kept), unset: [...new Set([...unset, ...PROXY_VARIABLES])] };
}

/** Where the local Azure listens. */
type Addresses = Pick<Ready, "proxyUrl" | "controlUrl" | "machineUrl" | "metadataHost">;

/** Which port of the namespace leads to which port of this machine: Azure's own, and the local Azure's at their numbers. */
export function forwards(ready: Addresses): ReadonlyMap<number, number> {
  const direct = Number(ready.metadataHost.split(":")[1]);
  const portOf = (url: string) => Number(new URL(url).port);
  const own = [portOf(ready.proxyUrl), portOf(ready.controlUrl), portOf(ready.machineUrl), direct];
  return new Map([...AZURE_PORTS.map((port) => [port, direct] as const), ...own.map((port) => [port, port] as const)]);
}

async function checkNamespaces(env: NodeJS.ProcessEnv): Promise<void> {
  const elsewhere = ['eval "$(npm run -s env)"   # a proxy, for most clients', "npm run -s env -- --preload   # Node"];
  if (process.platform !== "linux") {
    throw new SetupError(
      "LINUX_ONLY",
      "npm run local -- exec works on Linux only.",
      "It runs the command in a network namespace of its own.",
      elsewhere,
    );
  }
  try {
    await output("unshare", ["--user", "--map-root-user", "--net", "--mount", "ip", "link", "set", "lo", "up"], {
      env,
    });
  } catch (cause) {
    throw new SetupError(
      "NO_NAMESPACE",
      "This system lets no user make a network namespace, or unshare (util-linux) or ip (iproute2) is missing.",
      cause instanceof SetupError ? cause.why : String((cause as Error).message),
      [
        "allow it, as root: sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0",
        ...elsewhere,
      ],
      { cause },
    );
  }
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, done);
  });

/**
 * Runs a command in a network namespace of its own in which Azure's host names, at the ports 443, 8883 and 5671, are the local
 * Azure, and no other host exists. Needs no privilege; within, the user is root in name only. Returns the command's exit
 * code, 125 when the namespace failed, 126 or 127 when the command could not be started. Errors: SetupError LINUX_ONLY,
 * NO_NAMESPACE.
 */
export async function execInNamespace(
  command: string,
  args: readonly string[],
  { ready, env }: { readonly ready: Addresses; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  await checkNamespaces(env);
  // Its own folder (0700): only this user may reach the sockets.
  const folder = mkdtempSync(join(tmpdir(), "local-azure-exec-"));
  const servers: Server[] = [];
  try {
    const ports: Record<string, string> = {};
    for (const [from, port] of forwards(ready)) {
      const path = join(folder, `${port}.sock`);
      if (!Object.values(ports).includes(path)) {
        const server = splice({ host: "127.0.0.1", port });
        await listening(server, path);
        servers.push(server);
      }
      ports[from] = path;
    }
    writeFileSync(join(folder, "spec.json"), JSON.stringify({ ports, command, args }), { mode: 0o600 });
    writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    writeFileSync(join(folder, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
    const inside = resolve(__dirname, "../namespace/inside.cjs");
    const unshare = ["--user", "--map-root-user", "--net", "--mount", process.execPath, inside, folder];
    return await run("unshare", unshare, { env });
  } finally {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
