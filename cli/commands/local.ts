import { createReadStream, existsSync, statSync, watchFile } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { control } from "../local/controlClient";
import { busy, logFile, rememberedPorts, running, started, stopped } from "../local/localAzureProcess";
import { applied } from "../local/localEnvironment";
import { execInNamespace, withoutProxy } from "../local/namespaceExec";
import type { Ready } from "../local/readyFile";
import { prepare } from "../preparedEngine";
import { endOrphans } from "../pulumi/orphanProcesses";
import { freeStack } from "../pulumi/stackLock";
import { forgetStack, otherStacks, readState } from "../pulumi/stackState";

function describe(ready: Ready, paths: Paths): string {
  const lines = [
    `The local Azure runs (process ${ready.pid}, version ${ready.version}).`,
    `  proxy     ${ready.proxyUrl}`,
    `  control   ${ready.controlUrl}`,
    `  metadata  https://${ready.metadataHost}`,
    `  machine   ${ready.machineUrl}`,
    `  CA        ${ready.caFile}`,
    `  log       ${logFile(paths.azure)}`,
    `  ports     ${Object.entries(rememberedPorts(paths.azure))
      .map(([name, port]) => `${name} ${port}`)
      .join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** With `--azurite URL` the local Azure forwards storage to Azurite there, and remembers it; `--azurite none` forgets it. */
export async function localStart(paths: Paths, args: Arguments): Promise<number> {
  const azurite = args.text("azurite");
  const ready = await started({ paths });
  if (azurite !== undefined) await setAzurite(ready, azurite);
  process.stdout.write(describe(ready, paths));
  return 0;
}

async function setAzurite(ready: Ready, given: string): Promise<void> {
  const url = /^\d+$/.test(given) ? `http://127.0.0.1:${given}` : given;
  const { status, body } = await control(ready, "POST", "/storage", 5000, { azurite: given === "none" ? null : url });
  if (status === 200) return;
  const { message = `The local Azure returned ${status}.` } = (body as { error?: { message?: string } }).error ?? {};
  throw new SetupError(
    "AZURITE_REFUSED",
    message,
    "Azurite must listen on this machine.",
    "npm run local -- start --azurite http://127.0.0.1:10000",
  );
}

export async function localStop(paths: Paths): Promise<number> {
  process.stdout.write(
    (await stopped({ paths }))
      ? "The local Azure is stopped; its state is kept.\n"
      : "The local Azure was not running.\n",
  );
  return 0;
}

/** Exit code 3 when it is stopped, as for init scripts (LSB). */
export async function localStatus(paths: Paths): Promise<number> {
  const ready = await running(paths);
  const other = ready === undefined ? busy(paths) : undefined;
  const not = other
    ? `The local Azure is starting or ending (process ${other.pid ?? "unknown"}); npm run local -- start waits for it.\n`
    : "The local Azure is not running; start it with: npm run local -- start\n";
  process.stdout.write(ready === undefined ? not : describe(ready, paths));
  return ready === undefined ? 3 : 0;
}

/**
 * Empties the local Azure, and the stack with it: a stack that remembers what no cloud has any more cannot be refreshed,
 * because its provisioning service is no longer there to be asked. Nothing but throw-away material is lost.
 */
export async function localReset(paths: Paths): Promise<number> {
  const ready = await started({ paths });
  await freeStack(paths);
  await endOrphans(paths);
  const wasDeployed = (readState(paths)?.resources ?? 0) > 0;
  forgetStack(paths);
  const { status: code } = await control(ready, "POST", "/reset", 30_000);
  if (code < 200 || code > 299) {
    throw new SetupError(
      "RESET_FAILED",
      `The local Azure returned ${code} to the reset.`,
      "See its log.",
      "npm run local -- logs",
    );
  }
  const others = otherStacks(paths);
  process.stdout.write(
    `The local Azure is empty${wasDeployed ? `, and the stack ${STACK} too: npm run up creates it again` : ""}.\n` +
      (others.length === 0
        ? ""
        : `Other stacks remember what is gone: ${others.join(", ")}. For each: pulumi stack rm --force --preserve-config\n`),
  );
  return 0;
}

export async function localLogs(paths: Paths, args: Arguments): Promise<number> {
  const file = logFile(paths.azure);
  if (!existsSync(file)) {
    process.stdout.write("There is no log: the local Azure was not started yet.\n");
    return 0;
  }
  let from = 0;
  const print = async () => {
    // The local Azure begins its log again when it is long.
    if (statSync(file).size < from) from = 0;
    const stream = createReadStream(file, { start: from });
    stream.on("data", (chunk) => {
      from += chunk.length;
    });
    await pipeline(stream, process.stdout, { end: false });
  };
  await print();
  if (!args.has("follow")) return 0;
  return new Promise((resolve) => {
    watchFile(file, { interval: 300 }, () => void print());
    process.once("SIGINT", () => {
      resolve(130);
      process.exit(130);
    });
  });
}

/** Runs a command where every client, of whatever making, finds the local Azure at Azure's own names. */
export async function localExec(paths: Paths, { rest: [command, ...args] }: Arguments): Promise<number> {
  if (command === undefined) {
    throw new SetupError(
      "NO_COMMAND",
      "Which command shall run?",
      "Nothing followed exec.",
      "npm run local -- exec curl https://global.azure-devices-provisioning.net/",
    );
  }
  const { ready, environment } = await prepare(paths);
  return execInNamespace(command, args, { ready, env: applied(process.env, withoutProxy(environment)) });
}
