import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SshHost } from "./sshClient";

/** OpenSSH's server, and where its libraries are if they are not the system's. */
interface SshdProgram {
  readonly file: string;
  readonly libraries?: string;
}

/** The system's sshd, or else Debian's, downloaded and unpacked below a folder; undefined where there is neither. */
function sshdProgram(folder: string): SshdProgram | undefined {
  const system = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find((file) => existsSync(file));
  if (system !== undefined) return { file: system };
  const into = join(folder, "packages");
  mkdirSync(into);
  try {
    execFileSync("apt-get", ["download", "openssh-server", "libwrap0"], { cwd: into, stdio: "pipe" });
    const packages = readdirSync(into).filter((name) => name.endsWith(".deb"));
    for (const file of packages) execFileSync("dpkg", ["-x", file, "root"], { cwd: into, stdio: "pipe" });
  } catch {
    return undefined;
  }
  const libraries = join(into, "root/usr/lib");
  const [of = ""] = readdirSync(libraries).filter((name) => name.endsWith("-linux-gnu"));
  return { file: join(into, "root/usr/sbin/sshd"), libraries: join(libraries, of) };
}

const CONFIGURATION = `
ListenAddress 127.0.0.1
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PidFile none
`;

/**
 * In a mount namespace of its own, where /run is empty, the user that sshd needs exists, and root has a plain shell without
 * start-up files.
 */
const AS_ROOT = `
  sed "s#^root:.*#root:x:0:0::$1:/bin/sh#" /etc/passwd > "$1/passwd" && echo "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin" >> "$1/passwd" &&
  mount --bind "$1/passwd" /etc/passwd && mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && shift && exec "$@"`;

/** Starts sshd for this user on a free port of the loopback interface, with keys of its own; undefined where there is none. */
export async function startSshd(folder: string): Promise<(SshHost & { close(): void }) | undefined> {
  const program = sshdProgram(folder);
  if (program === undefined) return undefined;
  const { username, uid } = userInfo();
  const [hostKey, identity] = [join(folder, "host_key"), join(folder, "client_key")];
  for (const file of [hostKey, identity]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file], { stdio: "pipe" });
  }
  const port = await freePort();
  const configuration = join(folder, "sshd_config");
  const lines = [`Port ${port}`, `HostKey ${hostKey}`, `AuthorizedKeysFile ${identity}.pub`, CONFIGURATION];
  writeFileSync(configuration, lines.join("\n"));
  const command = [program.file, "-D", "-e", "-f", configuration];
  const env = { ...process.env, LD_LIBRARY_PATH: program.libraries };
  const child =
    uid === 0
      ? spawn("unshare", ["-m", "sh", "-c", AS_ROOT, "sh", folder, ...command], {
          env,
          stdio: ["ignore", "ignore", "pipe"],
        })
      : spawn(command[0] ?? "", command.slice(1), { env, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.on("data", (text: Buffer) => {
    printed += text;
  });
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}: ${printed}`);
    await pause(20);
  }
  const publicKey = readFileSync(`${hostKey}.pub`, "utf8");
  return { port, identity, user: username, hostKey: publicKey, close: () => void child.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
