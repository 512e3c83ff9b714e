import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** How swtpm is started: its file, and the folder of its libraries where they are not the system's. */
export interface SwtpmProgram {
  readonly file: string;
  readonly libraries: readonly string[];
}

/** Messages of the protocol that Microsoft's TPM simulator speaks, and its clients. */
const SEND_COMMAND = 8;
const HANDSHAKE = 15;
const DONE = Buffer.alloc(4);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Bytes as they come in, taken out in pieces of a wanted length. */
class Intake {
  #waiting = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(socket: Socket) {
    socket.on("data", (data: Buffer) => {
      this.#waiting = Buffer.concat([this.#waiting, data]);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Undefined when the connection ends before. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#waiting.length < count) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(count);
    return taken;
  }
}

/**
 * A TPM 2.0 in software, by swtpm (libtpms: IBM's, from the TCG's own reference code), at a port with
 * the protocol of Microsoft's simulator, for clients with an option for it. `close` deletes its state.
 */
export class SoftwareTpm {
  private constructor(
    readonly port: number,
    readonly servers: readonly Server[],
    readonly child: ChildProcess,
    readonly folder: string,
  ) {}

  static async start({ file, libraries }: SwtpmProgram): Promise<SoftwareTpm> {
    const folder = mkdtempSync(join(tmpdir(), "swtpm-"));
    const socketFile = join(folder, "tpm");
    const options = ["--server", `type=unixio,path=${socketFile}`, "--flags", "not-need-init,startup-clear"];
    const env = libraries.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries.join(":") };
    const child = spawn(file, ["socket", "--tpm2", "--tpmstate", `dir=${folder}`, ...options], {
      env,
      stdio: "ignore",
    });
    while (!existsSync(socketFile)) {
      if (child.exitCode !== null) throw new Error(`swtpm ended with code ${child.exitCode}`);
      await pause(20);
    }
    const tpm = createConnection(socketFile);
    await once(tpm, "connect");
    const intake = new Intake(tpm);
    const [port, servers] = await listen(
      (client) => void speak(client, tpm, intake),
      (client) => client.on("data", () => client.write(DONE)).on("error", () => undefined),
    );
    return new SoftwareTpm(port, servers, child, folder);
  }

  async close(): Promise<void> {
    for (const server of this.servers) server.close();
    if (this.child.exitCode === null) {
      this.child.kill();
      await once(this.child, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The simulator has commands at one port and its power switch at the next. */
async function listen(
  commands: (client: Socket) => void,
  power: (client: Socket) => void,
): Promise<[number, Server[]]> {
  for (;;) {
    const [first, second] = [createServer(commands), createServer(power)];
    first.listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as AddressInfo;
    second.listen(port + 1, "127.0.0.1");
    const isFree = await once(second, "listening").then(
      () => true,
      () => false,
    );
    if (isFree) return [port, [first.unref(), second.unref()]];
    first.close();
  }
}

async function speak(client: Socket, tpm: Socket, responses: Intake): Promise<void> {
  const intake = new Intake(client);
  for (;;) {
    const code = (await intake.take(4))?.readUInt32BE();
    if (code === HANDSHAKE) {
      await intake.take(4);
      const [version, capabilities] = [uint32(1), uint32(0)];
      client.write(Buffer.concat([version, capabilities, DONE]));
    } else if (code === SEND_COMMAND) {
      await intake.take(1);
      const length = (await intake.take(4))?.readUInt32BE() ?? 0;
      const command = await intake.take(length);
      if (command) tpm.write(command);
      const header = await responses.take(10);
      const rest = header && (await responses.take(header.readUInt32BE(2) - 10));
      if (!header || !rest) return void client.destroy();
      client.write(Buffer.concat([uint32(header.length + rest.length), header, rest, DONE]));
    } else return void client.end();
  }
}
