/** Speaks TLS to a host, through the proxy where one is set, and returns what it presents. Sends nothing but a HEAD. */
import { X509Certificate } from "node:crypto";
import { request } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type DetailedPeerCertificate, rootCertificates, type TLSSocket } from "node:tls";
import type { ProbeResult } from "./doctorContext";
import { firstLine } from "./doctorResult";

/** Milliseconds that a host has to respond. */
const TIMEOUT_MS = 10_000;

/** A proxy's address. Throws for one without a scheme: HOST:PORT reads as a URL, and names no host. Never shows it. */
function proxyOf(text: string): URL {
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || proxy.hostname === "") throw new Error("the proxy's address cannot be read");
  return proxy;
}

/** A connection through a CONNECT proxy, `http://[user:password@]host:port`. */
function tunnel(proxy: URL, host: string, port: number): Promise<Socket> {
  const user = proxy.username === "" ? undefined : decodeURIComponent(`${proxy.username}:${proxy.password}`);
  const authorization =
    user === undefined ? {} : { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
  const headers = { host: `${host}:${port}`, ...authorization };
  const target = { host: proxy.hostname, port: proxy.port || "80", method: "CONNECT", path: `${host}:${port}` };
  return new Promise((resolve, reject) => {
    const call = request({ ...target, headers, agent: false, timeout: TIMEOUT_MS });
    call.once("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} returned ${statusCode}`));
    });
    call.once("timeout", () => call.destroy(new Error(`no response from the proxy ${proxy.host}`)));
    call.once("error", reject);
    call.end();
  });
}

function direct(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, timeout: TIMEOUT_MS });
    socket.once("connect", () => resolve(socket.setTimeout(0)));
    socket.once("timeout", () => socket.destroy(new Error("no response in time")));
    socket.once("error", reject);
  });
}

function secured(socket: Socket, servername: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Whatever is shown is looked at; nothing that matters is sent.
    const secure = connectTls({ socket, servername, rejectUnauthorized: false });
    secure.setTimeout(TIMEOUT_MS, () => secure.destroy(new Error("no TLS response in time")));
    secure.once("secureConnect", () => resolve(secure));
    secure.once("error", reject);
  });
}

/** The `Date` header of the response to a HEAD. */
function dateOf(socket: TLSSocket, host: string): Promise<Date | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const end = (): void => {
      const written = /^date: (.+)\r$/im.exec(text)?.[1];
      const date = new Date(written ?? Number.NaN);
      resolve(Number.isNaN(date.getTime()) ? undefined : date);
    };
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\r\n\r\n")) end();
    });
    for (const event of ["end", "close", "error"]) socket.once(event, end);
    socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

/** The topmost certificate that was shown, or found above what was shown. */
function topOf(shown: DetailedPeerCertificate): X509Certificate {
  const seen = new Set<string>();
  let each = shown;
  while (each.issuerCertificate && !seen.has(each.fingerprint256)) {
    seen.add(each.fingerprint256);
    each = each.issuerCertificate;
  }
  return new X509Certificate(each.raw);
}

let publicRoots: readonly X509Certificate[] | undefined;

/** Whether a certificate is one of the public's roots, or issued by one. */
export function isPublic(top: X509Certificate): boolean {
  publicRoots ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return publicRoots.some(
    (root) => root.fingerprint256 === top.fingerprint256 || (top.checkIssued(root) && top.verify(root.publicKey)),
  );
}

/** Whether a list such as NO_PROXY exempts a host: by its name, by a domain above it, or by `*`. */
export function isExempt(host: string, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const domain = entry.toLowerCase().replace(/^\*?\./, "");
      return entry === "*" || host === domain || host.endsWith(`.${domain}`);
    });
}

/** Speaks TLS to a host. Never rejects: an unreachable host is a result, too. */
export async function probe(host: string, port: number, env: NodeJS.ProcessEnv): Promise<ProbeResult> {
  const proxy = isExempt(host, env.NO_PROXY ?? env.no_proxy ?? "") ? undefined : env.HTTPS_PROXY || env.https_proxy;
  let socket: Socket | undefined;
  try {
    socket = proxy ? await tunnel(proxyOf(proxy), host, port) : await direct(host, port);
    const secure = await secured(socket, host);
    const top = topOf(secure.getPeerCertificate(true));
    const date = port === 443 ? await dateOf(secure, host) : undefined;
    const mistrust = secure.authorizationError as unknown;
    return {
      reached: true,
      isTrusted: secure.authorized,
      ...(mistrust ? { mistrust: firstLine(mistrust) } : {}),
      isPublic: isPublic(top),
      topIssuer: top.issuer.split("\n").join(", "),
      ...(date === undefined ? {} : { date }),
    };
  } catch (error) {
    return { reached: false, why: firstLine(error) };
  } finally {
    socket?.destroy();
  }
}
