import { join } from "node:path";
import type { Certificate } from "../certs/certificate";
import { type Clock, systemClock } from "../certs/clock";
import type { CheckDestination } from "./archive/allowedDestinations";
import { endpointCommands } from "./commands/endpointCommands";
import type { OperatorCommand } from "./commands/operatorCommand";
import { ClientSession, type ClientSessionDependencies } from "./console/clientSession";
import { ENDPOINT_LOG, EndpointLog } from "./endpointLog";
import { type HostKey, hostKeys } from "./server/hostKeys";
import { SERVER_LIMITS, type ServerLimits } from "./server/serverLimits";
import { startSshServer } from "./server/sshServer";
import { SessionRegistry } from "./sessions/sessionRegistry";
import type { OperatorStore } from "./store/operatorStore";
import { SupportSessions } from "./support/supportSessions";
import { indexMemory } from "./transcript/indexMemory";
import { openInstanceKey, publishInstanceKey } from "./transcript/instanceKey";
import { TranscriptIndex } from "./transcript/transcriptIndex";
import { Authenticator } from "./users/authenticator";
import { SignInFailures } from "./users/signInFailures";
import { UserDirectory } from "./users/userDirectory";

/** What an instance of the operator endpoint runs on. */
export interface OperatorEndpointOptions {
  /** Name of the instance: lower-case letters, digits and dashes. */
  readonly instance: string;
  /** Name of the stack, for the prompt. */
  readonly stackName: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Keys and log of this instance, readable by their owner only. */
  readonly stateFolder: string;
  /** Shared by all instances; the caller closes it. */
  readonly store: OperatorStore;
  /** Commands on the stack. */
  readonly commands: readonly OperatorCommand[];
  /** Where transcripts may be moved to. Default: anywhere. */
  readonly checkDestination?: CheckDestination;
  /** The certificate of the support authority; undefined: there is none, and no session can be unlocked. */
  authority(): Promise<Certificate | undefined>;
  readonly clock?: Clock;
  readonly limits?: ServerLimits;
}

/** An instance that serves. */
export interface RunningEndpoint {
  readonly port: number;
  readonly hostKeys: readonly HostKey[];
  /** Ends all connections. Their sessions stay open for another instance. */
  close(): Promise<void>;
}

/** Starts an instance of the operator endpoint. Errors: those of listening, such as EADDRINUSE; OperatorError StoreUnavailable. */
export async function startOperatorEndpoint(options: OperatorEndpointOptions): Promise<RunningEndpoint> {
  const { instance, stackName, stateFolder, store, clock = systemClock, limits = SERVER_LIMITS } = options;
  const log = new EndpointLog(join(stateFolder, ENDPOINT_LOG), clock, instance);
  const note = log.note.bind(log);
  const key = openInstanceKey(stateFolder, instance);
  await publishInstanceKey(store, key);
  const writers = { store, instance: key, clock };
  const index = new TranscriptIndex(writers, indexMemory(stateFolder));
  if (!(await index.isContinued())) note("index altered", { message: "The last entry of this instance is not in it." });
  const directory = new UserDirectory(store);
  const failures = new SignInFailures(store, clock);
  await failures.removeOld();
  const support = new SupportSessions({ clock, authority: options.authority });
  const users = { directory, failures, clock };
  const transcripts = { ...writers, index, checkDestination: options.checkDestination ?? (() => undefined) };
  const commands = endpointCommands({ users, support, transcripts }, options.commands);
  const sessions: ClientSessionDependencies = {
    stackName,
    commands,
    store,
    clock,
    idleMs: limits.idleMs,
    registry: new SessionRegistry(writers, index),
    roleOf: async ({ user, userCreated }) => {
      const found = await directory.user(user);
      return found?.created === userCreated ? found?.role : undefined;
    },
    support,
    log: note,
  };
  const keys = hostKeys(stateFolder);
  const server = await startSshServer(options.host, options.port, {
    hostKeys: keys,
    authenticator: new Authenticator(directory, failures, limits.failureMs),
    limits,
    connect: (user, source) => new ClientSession(sessions, user, source),
    log: note,
  });
  note("started", { port: server.port });
  return {
    port: server.port,
    hostKeys: keys,
    close: async () => {
      await server.close();
      note("ended", {});
    },
  };
}
