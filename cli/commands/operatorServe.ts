import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Certificate, readCertificate } from "../../certs/certificate";
import { systemClock } from "../../certs/clock";
import { allowedDestinations, type CheckDestination } from "../../operator/archive/allowedDestinations";
import { ENDPOINT_LOG } from "../../operator/endpointLog";
import { addFirstAdministrator, ensureAdministrator } from "../../operator/firstAdministrator";
import { startOperatorEndpoint } from "../../operator/operatorEndpoint";
import { OperatorError } from "../../operator/operatorError";
import { openStore } from "../../operator/store/openStore";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { commandsOnStack } from "../operator/commandsOnStack";
import { connectCommand, writeKnownHosts } from "../operator/connectCommand";
import { writeWhole } from "../wholeFile";

/** The form of an instance's name. */
const INSTANCE = /^[a-z][a-z0-9-]{0,30}$/;

/** Errors: SetupError WRONG_INSTANCE. */
function instanceName(name: string): string {
  if (INSTANCE.test(name)) return name;
  throw new SetupError(
    "WRONG_INSTANCE",
    `"${name}" is no name of an instance.`,
    "A name has up to 31 lower-case letters, digits and dashes, and begins with a letter.",
    "npm run operator -- --instance zt02",
  );
}

/** The port of an earlier start; 0, any free one, at the first. */
function rememberedPort(folder: string): number {
  const file = join(folder, "port");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) || 0 : 0;
}

/** The certificate of the support authority; undefined without its file. Read for each request, so that it can be replaced. */
async function authorityIn(file: string): Promise<Certificate | undefined> {
  return existsSync(file) ? readCertificate(readFileSync(file)) : undefined;
}

/** Where transcripts may be moved to. Errors: SetupError WRONG_DESTINATION. */
function destinationsOf(args: Arguments, store: string): CheckDestination {
  const given = args.text("transcripts")?.split(",") ?? [];
  const wrong = given.find((each) => !/^https?:/i.test(each) || !URL.canParse(each));
  if (wrong === undefined) return allowedDestinations(given, store);
  throw new SetupError(
    "WRONG_DESTINATION",
    `"${wrong}" is no URL of a blob container.`,
    "Transcripts are moved to Azure Blob Storage.",
    "--transcripts https://ACCOUNT.blob.core.windows.net/CONTAINER",
  );
}

/** `zero-touch operator serve`: serves the operator endpoint of a stack in this shell's environment until it is interrupted. */
export async function operatorServe(paths: Paths, args: Arguments): Promise<number> {
  const instance = instanceName(args.text("instance") ?? "zt01");
  const [stack, host] = [args.text("stack") ?? STACK, args.text("host") ?? "127.0.0.1"];
  const folder = resolve(args.text("folder") ?? join(paths.local, "operator"));
  const stateFolder = join(folder, instance);
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const storeAddress = args.text("store") ?? join(folder, "store.db");
  const checkDestination = destinationsOf(args, storeAddress);
  const wait = args.number("store-wait");
  const store = openStore(storeAddress, wait === undefined ? undefined : wait * 1000);
  const administratorKey = args.text("administrator-key");
  try {
    const identity = administratorKey === undefined ? await ensureAdministrator(store, folder, systemClock) : undefined;
    if (administratorKey !== undefined) await addFirstAdministrator(store, administratorKey, systemClock);
    const endpoint = await startOperatorEndpoint({
      instance,
      stackName: stack,
      host,
      port: args.number("port") ?? rememberedPort(stateFolder),
      stateFolder,
      store,
      checkDestination,
      commands: commandsOnStack(stack, paths, {
        isConfigurationInBackend: args.text("configuration") === "backend",
        endpointLog: join(stateFolder, ENDPOINT_LOG),
      }),
      authority: () => authorityIn(args.text("authority") ?? join(folder, "authority.crt")),
    }).catch(portTaken);
    const knownHosts = join(folder, "known_hosts");
    // Clients connect to a name of this host where it listens on all addresses.
    const reached = host === "0.0.0.0" || host === "::" ? hostname() : host;
    writeWhole(join(stateFolder, "port"), String(endpoint.port), 0o600);
    writeKnownHosts(knownHosts, reached, endpoint);
    // Before anything is printed: who reads it may send a signal at once.
    const ended = interruptedOrRemoved(stateFolder);
    const ssh = connectCommand(reached, endpoint.port, knownHosts, identity);
    process.stdout.write(
      `The operator endpoint of the stack ${stack} runs, instance ${instance}. Connect from another terminal:\n\n  ${ssh}\n\nCtrl+C ends it; its sessions and transcripts stay.\n`,
    );
    const isInterrupted = await ended;
    await endpoint.close();
    if (!isInterrupted) process.stderr.write(`${stateFolder} was removed, so the endpoint ends.\n`);
    return isInterrupted ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new SetupError("OPERATOR_ENDPOINT", error.message, `${error.code}.`, error.remedy ?? [], { cause: error });
  } finally {
    await store.close();
  }
}

function portTaken(error: unknown): never {
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code !== "EADDRINUSE") throw error;
  throw new SetupError(
    "PORT_TAKEN",
    `Another process listens on the port ${port}.`,
    "An instance of that name runs already, or its port was taken while it was stopped.",
    ["end that process", "npm run operator -- --instance zt02", "npm run operator -- --port N"],
  );
}

/** Waits for a signal, or for the removal of the state folder, as by npm run down; true: a signal. */
const interruptedOrRemoved = (folder: string): Promise<boolean> =>
  new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => done(true));
    setInterval(() => {
      if (!existsSync(folder)) done(false);
    }, 1000).unref();
  });
