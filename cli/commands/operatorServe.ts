import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Certificate, readCertificate } from "../../certs/certificate";
import { systemClock } from "../../certs/clock";
import { stackCommands } from "../../operator/commands/stackCommands";
import { addFirstAdministrator, ensureAdministrator, FIRST_ADMINISTRATOR } from "../../operator/firstAdministrator";
import { type RunningEndpoint, startOperatorEndpoint } from "../../operator/operatorEndpoint";
import { OperatorError } from "../../operator/operatorError";
import { AutomationStack } from "../../operator/stack/automationStack";
import { azureClients } from "../../operator/stack/azureClients";
import { openStore } from "../../operator/store/openStore";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { logFile } from "../local/localAzureProcess";
import { readyCli } from "../pulumi/cliSources";
import { recover } from "../pulumi/devStack";
import { writeWhole } from "../wholeFile";
import { doctorContext } from "./doctor";

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

/** Writes the host keys of an instance into the known_hosts file that all instances of a folder share. */
function writeKnownHosts(file: string, host: string, { port, hostKeys }: RunningEndpoint): void {
  const name = `[${host}]:${port}`;
  const others = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const kept = others.filter((line) => line !== "" && !line.startsWith(`${name} `));
  writeWhole(file, [...kept, ...hostKeys.map(({ publicKey }) => `${name} ${publicKey}`), ""].join("\n"), 0o600);
}

/** The certificate of the support authority; undefined without its file. Read for each request, so that it can be replaced. */
async function authorityIn(file: string): Promise<Certificate | undefined> {
  return existsSync(file) ? readCertificate(readFileSync(file)) : undefined;
}

/** A word of a shell's command line. */
const word = (text: string): string => (/^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The stack's commands, which work by the Pulumi CLI and the sign-in of this process's environment. */
function commandsOn(stack: string, paths: Paths, isConfigurationInBackend: boolean): ReturnType<typeof stackCommands> {
  const isLocal = process.env.ZERO_TOUCH_CLOUD === "local" && stack === STACK;
  // Completes what an instance left that was killed during an update.
  const prepare = async (): Promise<void> => {
    const engine = { cli: await readyCli(paths, process.env), env: process.env, paths };
    try {
      await recover(engine, process.env.ARM_SUBSCRIPTION_ID ?? "", 0);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const what = `${error.message} ${error.why}`;
      if (error.code === "STACK_LOCKED")
        throw new OperatorError("StackBusy", what, "run the command again when it has ended");
      throw new OperatorError("StackFailed", what, "npm run up completes what the interrupted run left");
    }
  };
  return stackCommands({
    stack: new AutomationStack({
      project: PROJECT,
      stack,
      folder: paths.root,
      environment: {},
      prepare: isLocal ? prepare : undefined,
      isConfigurationInBackend,
    }),
    azure: azureClients(),
    doctor: () => doctorContext(paths, stack),
    localAzureLog: isLocal ? logFile(paths.azure) : undefined,
  });
}

/** `zero-touch operator serve`: serves the operator endpoint of a stack in this shell's environment until it is interrupted. */
export async function operatorServe(paths: Paths, args: Arguments): Promise<number> {
  const instance = instanceName(args.text("instance") ?? "zt01");
  const [stack, host] = [args.text("stack") ?? STACK, args.text("host") ?? "127.0.0.1"];
  const folder = resolve(args.text("folder") ?? join(paths.local, "operator"));
  const stateFolder = join(folder, instance);
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const store = openStore(args.text("store") ?? join(folder, "store.db"));
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
      commands: commandsOn(stack, paths, args.text("configuration") === "backend"),
      authority: () => authorityIn(args.text("authority") ?? join(folder, "authority.crt")),
    }).catch(portTaken);
    const knownHosts = join(folder, "known_hosts");
    writeWhole(join(stateFolder, "port"), String(endpoint.port), 0o600);
    writeKnownHosts(knownHosts, host, endpoint);
    const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`].flatMap((option) => [
      "-o",
      word(option),
    ]);
    const key = identity === undefined ? [] : ["-i", word(identity)];
    const ssh = ["ssh", "-p", endpoint.port, ...key, ...options, `${FIRST_ADMINISTRATOR}@${host}`].join(" ");
    process.stdout.write(
      `The operator endpoint of the stack ${stack} runs, instance ${instance}. Connect from another terminal:\n\n  ${ssh}\n\nCtrl+C ends it; its sessions and transcripts stay.\n`,
    );
    await interrupted();
    await endpoint.close();
    return 0;
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

const interrupted = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => done());
  });
