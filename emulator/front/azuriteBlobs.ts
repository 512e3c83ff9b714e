import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { azureHost } from "../../azure/hosts";
import { BlobsUnavailable, type SendBlobRequest } from "../kernel/blobRequests";
import { NO_TOKENS_MESSAGE, type StorageSetting } from "./azurite";

/** The version of the Blob service that the requests ask for; a signature has its own. */
const VERSION = "2021-12-02";
/** Milliseconds without a byte after which the storage counts as one that does not respond. */
const IDLE_MS = 30_000;

const REMEDY =
  "To fix: start Azurite, and set its address with: npm run local -- start --azurite http://127.0.0.1:10000 (docs/team-settings.md).";

/**
 * Sends requests of the hubs to Azurite: those to `ACCOUNT.blob.core.windows.net`, and those to the address itself that is
 * set. Any other host is refused, so that nothing leaves this machine and no other program on it is asked.
 */
export function azuriteBlobs(storage: Pick<StorageSetting, "azurite">): SendBlobRequest {
  return async ({ method, url, headers, body }) => {
    const { azurite } = storage;
    if (azurite === undefined) {
      throw new BlobsUnavailable(true, `The local Azure has no storage of its own. ${REMEDY}`);
    }
    if (azureHost(url.hostname)?.service !== "blob" && url.origin !== azurite) {
      throw new BlobsUnavailable(true, `The local Azure sends nothing to ${url.host}. ${REMEDY}`);
    }
    if (headers?.authorization !== undefined && azurite.startsWith("http:"))
      throw new BlobsUnavailable(true, NO_TOKENS_MESSAGE);
    const target = new URL(azurite);
    const send = target.protocol === "https:" ? requestTls : requestPlain;
    return new Promise((resolve, reject) => {
      const sent = send(
        {
          hostname: target.hostname.replace(/^\[|\]$/g, ""),
          port: target.port,
          method,
          path: `${url.pathname}${url.search}`,
          headers: { host: url.host, "x-ms-version": VERSION, "content-length": body?.length ?? 0, ...headers },
          // Its certificate is self-signed. The connection is to the loopback address.
          rejectUnauthorized: false,
          setHost: false,
          agent: false,
          timeout: IDLE_MS,
        },
        (response) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: response,
            end: () => void response.destroy(),
          }),
      );
      sent.once("timeout", () => sent.destroy(new Error("no response")));
      sent.once("error", (cause) => {
        const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
        reject(new BlobsUnavailable(false, `Azurite does not respond at ${azurite} (${reason}).`));
      });
      sent.end(body);
    });
  };
}
