import { execFile } from "node:child_process";

/** What curl printed for one request with `-i`. */
export interface CurlResponse {
  /** curl's own exit code: 0, or for example 58 for a client certificate that does not fit its key. */
  readonly exitCode: number;
  /** The error message of curl. */
  readonly stderr: string;
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** Parses the last response in the output of `curl -i`, after a proxy's response to CONNECT. */
function lastResponse(printed: string): Pick<CurlResponse, "status" | "headers" | "text"> {
  let rest = printed;
  let head = "";
  while (/^HTTP\/[\d.]+ \d+/.test(rest)) {
    const end = rest.indexOf("\r\n\r\n");
    const block = rest.slice(0, end);
    head = /^HTTP\/[\d.]+ 200 connection established/i.test(block) ? "" : block;
    rest = rest.slice(end + 4);
  }
  const [first = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { status: Number(first.split(" ")[1] ?? 0), headers: Object.fromEntries(headers), text: rest };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Runs the curl program with these arguments, `-i` among them, in a folder. Never throws for an exit code of curl. */
export function curl(
  args: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<CurlResponse> {
  return new Promise((resolve) => {
    execFile("curl", ["-sS", ...args], { env, cwd, encoding: "utf8", maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const response = lastResponse(stdout);
      const exitCode = error ? Number(error.code ?? -1) : 0;
      resolve({ ...response, exitCode, stderr, body: parsed(response.text) });
    });
  });
}
