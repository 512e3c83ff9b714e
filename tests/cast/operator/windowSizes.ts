import { spawn } from "node:child_process";

/** Python, because Node has no terminals of its own: runs a program at one, and types a line at each width of its window. */
const PROGRAM = `
import fcntl, json, os, pty, signal, struct, sys, termios
widths, line, command = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
def resize(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
def until_prompt():
    shown = b""
    while b"ZT> \\x1b[12G" not in shown:
        shown += os.read(terminal, 65536)
    return shown.decode()
resize(widths[0])
until_prompt()
outputs = []
for index, columns in enumerate(widths):
    if index > 0:
        resize(columns)
        # The session draws its prompt again when it has the new size.
        until_prompt()
    os.write(terminal, line.encode() + b"\\r")
    outputs.append(until_prompt())
os.write(terminal, b"\\x04")
os.waitpid(pid, 0)
print(json.dumps(outputs))
`;

/** What a program with the prompt of a session shows for a line, at each of these widths of its terminal, each unlike the last. */
export function atWindowSizes(
  command: readonly string[],
  widths: readonly number[],
  line: string,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn("python3", ["-c", PROGRAM, JSON.stringify(widths), line, ...command], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TERM: "xterm" },
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`python3: ${code}`))));
  });
}
