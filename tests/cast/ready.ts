import type { Ready } from "../../cli/local/readyFile";

/** A whole ready.json of a local Azure, for tests that need one and start none. */
export function aReady(changes: Partial<Ready> = {}): Ready {
  return {
    pid: 4711,
    version: "1",
    proxyUrl: "http://127.0.0.1:1001",
    controlUrl: "http://127.0.0.1:1002",
    metadataHost: "127.0.0.1:1003",
    controlToken: "token",
    caFile: "/checkout/.local/azure/ca/ca.pem",
    machineUrl: "http://127.0.0.1:1004",
    identitySecret: "identity",
    clientCertificateFile: "/checkout/.local/azure/client-certificate.pem",
    tenantId: "tenant",
    subscriptionId: "subscription",
    clientId: "client",
    clientSecret: "secret",
    objectId: "object",
    ...changes,
  };
}
