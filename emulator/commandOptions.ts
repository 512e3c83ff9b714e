import { parseArgs } from "node:util";
import { SHELLS, type Shell } from "./contract/shellExports";
import type { ListenOptions } from "./listenOptions";
import type { StarterNames } from "./starterResources";

const LOG_LEVELS = ["silent", "error", "warn", "info"] as const;
const COMMANDS = ["run", "env", "status"] as const;

/** What the command line of `local-azure` says. */
export interface CommandOptions {
  readonly command: (typeof COMMANDS)[number];
  readonly help: boolean;
  readonly directory: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly listen: ListenOptions;
  readonly starter: StarterNames;
  readonly shell: Shell;
  readonly preload: boolean;
  /** The path of the local CA's certificate where the clients run. Default: its file here. */
  readonly ca: string | undefined;
}

export const USAGE = `Usage: local-azure [run] [OPTIONS]   runs an emulator of Azure IoT Hub, Device Provisioning Service, Key Vault,
                                     Entra and Resource Manager until Ctrl-C
       local-azure env [OPTIONS]     prints the variables for clients of the one that runs
       local-azure status [OPTIONS]  exits with 0 when it runs

Every option can be a variable, such as LOCAL_AZURE_DIR, LOCAL_AZURE_TLS_PORT.

  --dir FOLDER         its state, default ./.local-azure; a later start continues with it
  --hub NAME           creates an IoT hub; prints IOTHUB_CONNECTION_STRING
  --dps NAME           creates a provisioning service, linked to the hub; prints PROVISIONING_CONNECTION_STRING, _HOST, _IDSCOPE
  --shell SHELL        posix (default), fish, powershell, cmd, or env-file for docker run --env-file and $GITHUB_ENV
  --preload            prints NODE_OPTIONS, too, for Node clients that know no proxy (MQTT, azure-iothub)
  --ca FILE            the path of ca.pem where the clients run, as in another container
  --log-level LEVEL    silent (default), error, warn, info

  --port PORT          the proxy's port; the next three are those of the control, TLS and identity listeners
  --tls-port PORTS     further ports of the TLS listener, such as 443,8883
  --host ADDRESS       the address to listen on (env, status: where to reach it), default 127.0.0.1; 0.0.0.0 in a container
  --public-host NAME   the name by which clients reach it, default 127.0.0.1
`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;

/** The value of a list of choices. Throws an Error with the choices. */
function choice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Error(`--${name} is "${value}". To fix: use ${choices.join(", ")}.`);
}

/** A whole number; the listener checks its range. Throws an Error with the option. */
function portOf(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  throw new Error(`--${name} is "${text}". To fix: use a port's number.`);
}

/** Reads the arguments, and variables `LOCAL_AZURE_…` for options that are not among them. Throws an Error with the remedy. */
export function readCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): CommandOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ dir: TEXT, hub: TEXT, dps: TEXT, shell: TEXT, ca: TEXT, "log-level": TEXT },
      ...{ port: TEXT, "tls-port": TEXT, host: TEXT, "public-host": TEXT },
      ...{ preload: FLAG, help: FLAG },
    },
  });
  const text = (name: Exclude<keyof typeof values, "preload" | "help">): string | undefined =>
    values[name] ?? (environment[`LOCAL_AZURE_${name.toUpperCase().replaceAll("-", "_")}`] || undefined);
  const [command = "run", ...others] = positionals;
  if (others.length > 0) throw new Error(`"${others[0]}" is one word too many. To fix: local-azure --help.`);
  const port = text("port");
  return {
    command: choice("command", command, COMMANDS),
    help: values.help === true,
    directory: text("dir") ?? ".local-azure",
    logLevel: choice("log-level", text("log-level") ?? "silent", LOG_LEVELS),
    listen: {
      host: text("host"),
      port: port === undefined ? undefined : portOf("port", port),
      publicHost: text("public-host"),
      tlsPorts: text("tls-port")
        ?.split(",")
        .map((each) => portOf("tls-port", each)),
    },
    starter: { hub: text("hub"), dps: text("dps") },
    shell: choice("shell", text("shell") ?? "posix", SHELLS),
    preload: values.preload === true,
    ca: text("ca"),
  };
}
