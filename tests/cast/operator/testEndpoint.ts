import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Certificate } from "../../../certs/certificate";
import { type Clock, systemClock } from "../../../certs/clock";
import type { OperatorCommand, OperatorRole } from "../../../operator/commands/operatorCommand";
import { type RunningEndpoint, startOperatorEndpoint } from "../../../operator/operatorEndpoint";
import { newKeyPair } from "../../../operator/server/hostKeys";
import { SERVER_LIMITS, type ServerLimits } from "../../../operator/server/serverLimits";
import type { OperatorStore } from "../../../operator/store/operatorStore";
import { SqliteStore } from "../../../operator/store/sqliteStore";
import type { TranscriptEntry } from "../../../operator/transcript/transcriptEntry";
import { passwordHash } from "../../../operator/users/operatorPassword";
import { UserDirectory } from "../../../operator/users/userDirectory";
import { runSsh, type SshResult, type SshTarget } from "./sshClient";
import { SshTerminal } from "./sshTerminal";

/** The password of users of a test endpoint that have one. */
export const PASSWORD = "Seven wet umbrellas, 1 dry";

/** scrypt's N in tests. */
const CHEAP = 1024;

export interface TestEndpointOptions {
  readonly commands?: readonly OperatorCommand[];
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  readonly authority?: Certificate;
  wrapStore?(store: OperatorStore): OperatorStore;
  /** Default: a new one in the endpoint's folder. */
  readonly storeFile?: string;
}

/** Instances of an operator endpoint in this process, over one store, with OpenSSH's client to reach them. */
export class TestEndpoint {
  readonly folder = mkdtempSync(join(tmpdir(), "operator-endpoint-"));
  readonly store: OperatorStore;
  readonly directory: UserDirectory;
  private readonly instances = new Map<string, RunningEndpoint>();

  constructor(private readonly options: TestEndpointOptions = {}) {
    const store = new SqliteStore(options.storeFile ?? join(this.folder, "store.db"), options.clock);
    this.store = options.wrapStore?.(store) ?? store;
    this.directory = new UserDirectory(this.store);
  }

  async start(instance = "zt01"): Promise<RunningEndpoint> {
    const { clock = systemClock, limits, commands = [], authority } = this.options;
    const running = await startOperatorEndpoint({
      instance,
      stackName: "dev",
      host: "127.0.0.1",
      port: 0,
      stateFolder: join(this.folder, instance),
      store: this.store,
      commands,
      authority: async () => authority,
      clock,
      limits: { ...SERVER_LIMITS, ...limits },
    });
    this.instances.set(instance, running);
    return running;
  }

  /** Creates a user with a key of its own and, where asked for, {@link PASSWORD}. */
  async addUser(name: string, role: OperatorRole = "operator", hasPassword = false): Promise<void> {
    const pair = newKeyPair("ed25519", name);
    writeFileSync(this.identityOf(name), pair.private, { mode: 0o600 });
    const password = hasPassword ? await passwordHash(PASSWORD, CHEAP) : undefined;
    await this.directory.change((users) => ({
      ...users,
      [name]: { role, publicKeys: [pair.public], password, created: systemClock.now().toISOString() },
    }));
  }

  /** The client of a user, by key. `running`: the instance that it connects to. */
  target(user: string, running: Pick<RunningEndpoint, "port" | "hostKeys"> = this.running()): SshTarget {
    const { port, hostKeys } = running;
    const knownHosts = join(this.folder, `known_hosts_${port}`);
    writeFileSync(knownHosts, hostKeys.map(({ publicKey }) => `[127.0.0.1]:${port} ${publicKey}\n`).join(""));
    return { port, user, knownHosts, identity: this.identityOf(user), folder: this.folder };
  }

  /** Runs `ssh USER@HOST -- COMMAND`. */
  run(user: string, command: string, input?: string): Promise<SshResult> {
    return runSsh(this.target(user), ["--", command], input);
  }

  terminal(user: string, target: SshTarget = this.target(user)): SshTerminal {
    return new SshTerminal(target);
  }

  /** Entries of the transcript of a user's last session, once it is closed. */
  async lastTranscript(user: string): Promise<TranscriptEntry[]> {
    for (;;) {
      const own = (await this.transcripts()).filter(([opened]) => opened?.data.user === user);
      const last = own.at(-1) ?? [];
      if (last.at(-1)?.kind === "closed") return last;
      await setTimeout(20);
    }
  }

  /** Entries of all transcripts, in the order of their sessions' opening. */
  async transcripts(): Promise<TranscriptEntry[][]> {
    const logs = await Promise.all((await this.store.listLogs("transcripts/")).map((log) => this.store.readLog(log)));
    return logs
      .map((bytes) =>
        String(bytes)
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as TranscriptEntry),
      )
      .sort(([one], [other]) => String(one?.time).localeCompare(String(other?.time)));
  }

  running(instance = "zt01"): RunningEndpoint {
    const running = this.instances.get(instance);
    if (running === undefined) throw new TypeError(`${instance} does not run`);
    return running;
  }

  async close(): Promise<void> {
    await Promise.all([...this.instances.values()].map((each) => each.close()));
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private identityOf(user: string): string {
    return join(this.folder, `id_${user}`);
  }
}
