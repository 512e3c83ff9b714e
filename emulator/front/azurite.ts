import { type IncomingMessage, request as requestPlain, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import { bearerOf } from "../kernel/authorizeCaller";
import type { TokenValidator } from "../kernel/directory";
import type { Service } from "../kernel/service";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

/** The storage of all accounts: Microsoft's emulator Azurite, which the user runs on this machine. */
export interface StorageSetting {
  /** `http://127.0.0.1:10000`, or https; undefined: none is set. */
  readonly azurite: string | undefined;
  /** Sets it, or (undefined) removes it. Throws `TypeError` for an address outside of this machine. */
  set(azurite: string | undefined): void;
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The origin of an address on this machine. Throws `TypeError`. */
export function azuriteOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !LOOPBACK.includes(url.hostname) || url.pathname !== "/") {
    throw new TypeError(`'${text}' is not an address of Azurite on this machine, such as http://127.0.0.1:10000`);
  }
  return url.origin;
}

/** Opens the setting that `storage.json` in `directory` stores. */
export function openStorageSetting(directory: string): StorageSetting {
  const file = join(directory, "storage.json");
  let azurite = readStored(file, "delete it, and set Azurite's address again", () => {
    const stored = (JSON.parse(readIfThere(file) ?? "{}") as { azurite?: string }).azurite;
    return stored === undefined ? undefined : azuriteOrigin(stored);
  });
  return {
    get azurite() {
      return azurite;
    },
    set(given) {
      azurite = given === undefined ? undefined : azuriteOrigin(given);
      writeWhole(file, `${JSON.stringify({ azurite })}\n`);
    },
  };
}

/**
 * `ACCOUNT.blob.core.windows.net`: forwards requests unchanged to Azurite, which reads account and signature from them as
 * a storage account does. Bearer tokens are validated here, because Azurite does not check their signatures.
 */
export function blobService(storage: Pick<StorageSetting, "azurite">, tokens: TokenValidator): Service {
  return {
    name: "blob",
    handle(request, response) {
      const { azurite } = storage;
      const error = azurite === undefined ? NOT_SET : bearerError(request, tokens, azurite);
      if (azurite === undefined || error) {
        request.resume();
        sendError(response, error ?? NOT_SET);
      } else forward(request, response, new URL(azurite));
    },
  };
}

interface BlobError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NOT_SET: BlobError = {
  status: 501,
  code: "NotEmulated",
  message:
    "The local Azure has no storage of its own. To fix: start Azurite, and set its address with: npm run local -- start --azurite http://127.0.0.1:10000 (docs/team-settings.md).",
};

/** Azurite takes no tokens as it was started. */
export const NO_TOKENS_MESSAGE =
  "Azurite accepts tokens of Entra ID only with --oauth basic, a certificate (--cert, --key) and an https address. To fix: start it so, or use the account's key (AZURE_STORAGE_KEY) (docs/team-settings.md).";

const NO_TOKENS: BlobError = { status: 403, code: "AuthorizationFailure", message: NO_TOKENS_MESSAGE };

function bearerError(request: IncomingMessage, tokens: TokenValidator, azurite: string): BlobError | undefined {
  const bearer = bearerOf(request);
  if (bearer === undefined) return undefined;
  if (azurite.startsWith("http:")) return NO_TOKENS;
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  const validation = tokens.validate(bearer, ["https://storage.azure.com", `https://${host}`]);
  if (validation.ok) return undefined;
  const message = `Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. (Reason of the local Azure: ${validation.reason}.)`;
  return { status: 401, code: "InvalidAuthenticationInfo", message };
}

/** Errors as the Blob service writes them ("Status and error codes"). */
function sendError(response: ServerResponse, { status, code, message }: BlobError): void {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml", "x-ms-error-code": code }).end(body);
}

function forward(request: IncomingMessage, response: ServerResponse, azurite: URL): void {
  const send = azurite.protocol === "https:" ? requestTls : requestPlain;
  const options = {
    hostname: azurite.hostname.replace(/^\[|\]$/g, ""),
    port: azurite.port || (azurite.protocol === "https:" ? 443 : 80),
    method: request.method,
    path: request.url,
    // The original header lines: the client has signed them.
    headers: request.rawHeaders,
    // Azurite accepts bearer tokens over TLS only, with a self-signed certificate. The connection is to the loopback address.
    rejectUnauthorized: false,
    setHost: false,
  };
  const forwarded = send(options, (azuriteResponse) => {
    response.writeHead(azuriteResponse.statusCode ?? 502, azuriteResponse.rawHeaders);
    azuriteResponse.pipe(response);
    azuriteResponse.once("error", () => response.destroy());
  });
  forwarded.once("error", (cause) => {
    if (response.headersSent) return response.destroy();
    const message = `Azurite does not respond at ${azurite.origin} (${(cause as NodeJS.ErrnoException).code ?? cause.message}). To fix: start it, or set another address with: npm run local -- start --azurite URL.`;
    return sendError(response, { status: 503, code: "ServerUnavailable", message });
  });
  response.once("close", () => forwarded.destroy());
  request.pipe(forwarded);
}
