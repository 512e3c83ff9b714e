/** TLS with a device's own certificate to a port of Azure, through the proxy of the environment where there is one. */
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { type DeviceCredentials, proxyFor } from "../clients/mutualTls";

/** Milliseconds until a connection is given up. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A tunnel by CONNECT. */
function tunnel(proxy: URL, target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { username, password, protocol, hostname, port } = proxy;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
    const call = (protocol === "https:" ? secureRequest : request)({
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : port,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...(username === "" ? {} : { "proxy-authorization": authorization }) },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    });
    call.once("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} returned ${statusCode} to CONNECT ${target}`));
      }
    });
    call.once("response", (response) => {
      response.destroy();
      reject(new Error(`the proxy ${proxy.host} returned ${response.statusCode} to CONNECT ${target}`));
    });
    call.once("timeout", () => call.destroy(new Error(`the proxy ${proxy.host} did not respond in time`)));
    call.once("error", reject);
    call.end();
  });
}

/** Opens a connection that shows these credentials. Rejects with the error of the proxy, the network or TLS. */
export async function connectTls(
  host: string,
  port: number,
  { certificateChain, privateKey, ca }: DeviceCredentials,
  env: NodeJS.ProcessEnv = process.env,
): Promise<TLSSocket> {
  const proxy = proxyFor(host.toLowerCase(), env);
  const way = proxy === undefined ? { host, port } : { socket: await tunnel(new URL(proxy), `${host}:${port}`) };
  return new Promise((resolve, reject) => {
    const socket = connect({ ...way, servername: host, cert: certificateChain, key: privateKey, ca });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const closed = (): void => fail(new Error("the connection was closed"));
    const timer = setTimeout(() => fail(new Error("no connection in time")), CONNECT_TIMEOUT_MS);
    socket.once("error", fail);
    socket.once("close", closed);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", fail).off("close", closed);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
