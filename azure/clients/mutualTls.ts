/**
 * HTTPS with a device's own certificate, through the proxy of the environment when there is one. The Azure SDK's
 * pipeline ignores client certificates as soon as a proxy is set, so these calls go through undici.
 */
import type { SecureContext } from "node:tls";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import type { DeviceResponse } from "../devices/registration";

/** What a device shows: PEM of the leaf and every certificate up to the root, and PEM of the leaf's key. */
export interface DeviceCredentials {
  readonly certificateChain: string;
  readonly privateKey: string;
  /** PEM of the roots by which servers are checked. Default: Node's, and those of NODE_EXTRA_CA_CERTS at its start. */
  readonly ca?: string;
  /** The three, parsed. Default: they are parsed for each connection. */
  readonly secureContext?: SecureContext;
}

/** One request; `url` is absolute. */
export interface DeviceRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: string;
  readonly body?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a device's requests; close it when done. */
export interface DeviceTransport {
  send(call: DeviceRequest): Promise<DeviceResponse>;
  close(): Promise<void>;
}

/** The proxy for https addresses of a host; undefined to go straight. Reads HTTPS_PROXY, ALL_PROXY and NO_PROXY in both spellings. */
export function proxyFor(host: string, env: NodeJS.ProcessEnv): string | undefined {
  const exempt = (env.no_proxy ?? env.NO_PROXY ?? "").split(",").map((entry) => entry.trim().toLowerCase());
  const isExempt = exempt.some((entry) => {
    const suffix = entry.replace(/^\*?\./, "");
    return entry === "*" || (suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`)));
  });
  if (isExempt) return undefined;
  return env.https_proxy || env.HTTPS_PROXY || env.all_proxy || env.ALL_PROXY || undefined;
}

/** Makes a dispatcher for each proxy of the environment, and one to go straight, as hosts need them. */
export function byProxy(env: NodeJS.ProcessEnv, make: (proxy: string | undefined) => Dispatcher) {
  const dispatchers = new Map<string | undefined, Dispatcher>();
  const dispatcherFor = (host: string): Dispatcher => {
    const proxy = proxyFor(host, env);
    const dispatcher = dispatchers.get(proxy) ?? make(proxy);
    dispatchers.set(proxy, dispatcher);
    return dispatcher;
  };
  return { dispatcherFor, dispatchers };
}

/**
 * A transport that presents these credentials.
 * @public Handlers load it with `require` at the first call.
 */
export function mutualTls(credentials: DeviceCredentials, env: NodeJS.ProcessEnv = process.env): DeviceTransport {
  const { certificateChain, privateKey, ca, secureContext } = credentials;
  const tls = secureContext === undefined ? { cert: certificateChain, key: privateKey, ca } : { secureContext };
  const { dispatcherFor, dispatchers } = byProxy(env, (uri) =>
    uri === undefined ? new Agent({ connect: tls }) : new ProxyAgent({ uri, requestTls: tls }),
  );
  return {
    async send(call) {
      const response = await request(call.url, {
        method: call.method,
        dispatcher: dispatcherFor(new URL(call.url).hostname.toLowerCase()),
        headers: { accept: "application/json", "content-type": "application/json; charset=utf-8", ...call.headers },
        headersTimeout: 30_000,
        bodyTimeout: 30_000,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.headers)) {
        if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
      }
      return { status: response.statusCode, headers, text: await response.body.text() };
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.close()));
    },
  };
}
