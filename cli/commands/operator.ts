import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Certificate, readCertificate } from "../../certs/certificate";
import { systemClock } from "../../certs/clock";
import { ensureAdministrator, FIRST_ADMINISTRATOR } from "../../operator/firstAdministrator";
import { type RunningEndpoint, startOperatorEndpoint } from "../../operator/operatorEndpoint";
import { SqliteStore } from "../../operator/store/sqliteStore";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { writeWhole } from "../wholeFile";

const HOST = "127.0.0.1";

/** The form of an instance's name. */
const INSTANCE = /^[a-z][a-z0-9-]{0,30}$/;

/** The port of an earlier start; 0 at the first one. */
function rememberedPort(folder: string): number {
  try {
    return Number(readFileSync(join(folder, "port"), "utf8")) || 0;
  } catch {
    return 0;
  }
}

/** Writes the host keys of an instance into the known_hosts file that all instances share. */
function writeKnownHosts(file: string, { port, hostKeys }: RunningEndpoint): void {
  const host = `[${HOST}]:${port}`;
  let others: string[] = [];
  try {
    others = readFileSync(file, "utf8").split("\n");
  } catch {}
  const kept = others.filter((line) => line !== "" && !line.startsWith(`${host} `));
  writeWhole(file, [...kept, ...hostKeys.map(({ publicKey }) => `${host} ${publicKey}`), ""].join("\n"), 0o600);
}

/** The certificate of the support authority; undefined without its file. Read for each request, so that it can be replaced. */
async function authorityIn(file: string): Promise<Certificate | undefined> {
  return existsSync(file) ? readCertificate(readFileSync(file)) : undefined;
}

/** A word of a shell's command line. */
const word = (text: string): string => (/^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** `npm run operator [-- --instance NAME --port N]`: serves the operator endpoint of the dev stack until it is interrupted. */
export async function operator(paths: Paths, args: Arguments): Promise<number> {
  const instance = args.text("instance") ?? "zt01";
  if (!INSTANCE.test(instance)) {
    throw new SetupError(
      "WRONG_INSTANCE",
      `"${instance}" is no name of an instance.`,
      "A name has up to 31 lower-case letters, digits and dashes, and begins with a letter.",
      "npm run operator -- --instance zt02",
    );
  }
  const folder = join(paths.local, "operator");
  const stateFolder = join(folder, instance);
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const store = new SqliteStore(join(folder, "store.db"));
  try {
    const identity = await ensureAdministrator(store, folder, systemClock);
    const endpoint = await started(args.number("port") ?? rememberedPort(stateFolder), (port) =>
      startOperatorEndpoint({
        instance,
        stackName: STACK,
        host: HOST,
        port,
        stateFolder,
        store,
        commands: [],
        authority: () => authorityIn(args.text("authority") ?? join(folder, "authority.crt")),
      }),
    );
    const knownHosts = join(folder, "known_hosts");
    writeWhole(join(stateFolder, "port"), String(endpoint.port), 0o600);
    writeKnownHosts(knownHosts, endpoint);
    const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`].flatMap((option) => [
      "-o",
      word(option),
    ]);
    const ssh = ["ssh", "-p", endpoint.port, "-i", word(identity), ...options, `${FIRST_ADMINISTRATOR}@${HOST}`].join(
      " ",
    );
    process.stdout.write(
      `The operator endpoint of the stack ${STACK} runs, instance ${instance}. Connect from another terminal:\n\n  ${ssh}\n\nCtrl+C ends it; its sessions and transcripts stay.\n`,
    );
    await interrupted();
    await endpoint.close();
    return 0;
  } finally {
    await store.close();
  }
}

/** Starts on a port, which another process may have. */
async function started(port: number, start: (port: number) => Promise<RunningEndpoint>): Promise<RunningEndpoint> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new SetupError(
      "PORT_TAKEN",
      `Another process listens on the port ${port}.`,
      "An instance of that name runs already, or its port was taken while it was stopped.",
      ["end that process", "npm run operator -- --instance zt02", "npm run operator -- --port N"],
    );
  }
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
