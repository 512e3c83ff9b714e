import { type IncomingMessage, request as requestPlain, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import type { TokenValidator } from "../kernel/directory";
import type { Service } from "../kernel/service";
import { readIfThere, writeWhole } from "../kernel/stateFile";

/** The storage of all accounts: Microsoft's emulator Azurite, which somebody else runs on this machine. */
export interface StorageSetting {
  /** `http://127.0.0.1:10000`, or https; undefined: none is set. */
  readonly azurite: string | undefined;
  /** Sets or (undefined) forgets it. Throws `TypeError` for an address outside of this machine. */
  set(azurite: string | undefined): void;
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The origin of an address on this machine. Throws `TypeError`. */
export function azuriteOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !LOOPBACK.includes(url.hostname) || url.pathname !== "/") {
    throw new TypeError(`'${text}' is no address of Azurite on this machine, such as http://127.0.0.1:10000`);
  }
  return url.origin;
}

/** The setting as `storage.json` in `directory` keeps it. */
export function openStorageSetting(directory: string): StorageSetting {
  const file = join(directory, "storage.json");
  let { azurite } = JSON.parse(readIfThere(file) ?? "{}") as { azurite?: string };
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
 * `ACCOUNT.blob.core.windows.net`: hands requests on to Azurite as they are, host name and all, so that it finds account
 * and signature as a storage account would. Bearer tokens are validated here first, because Azurite checks no signatures.
 */
export function blobService(storage: Pick<StorageSetting, "azurite">, tokens: TokenValidator): Service {
  return {
    name: "blob",
    handle(request, response) {
      const { azurite } = storage;
      const fault = azurite === undefined ? NOT_SET : bearerFault(request, tokens, azurite);
      if (azurite === undefined || fault) {
        request.resume();
        sendError(response, fault ?? NOT_SET);
      } else handOn(request, response, new URL(azurite));
    },
    close: () => Promise.resolve(),
  };
}

interface BlobFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NOT_SET: BlobFault = {
  status: 501,
  code: "NotEmulated",
  message:
    "The local Azure has no storage of its own: start Azurite, and tell the local Azure where it listens with: npm run local -- start --azurite http://127.0.0.1:10000 (docs/team-settings.md).",
};

const NO_TOKENS: BlobFault = {
  status: 403,
  code: "AuthorizationFailure",
  message:
    "Azurite takes tokens of Entra ID only when it runs with --oauth basic and a certificate (--cert, --key), and is set with an https address; with the account's key (AZURE_STORAGE_KEY) it needs neither (docs/team-settings.md).",
};

function bearerFault({ headers }: IncomingMessage, tokens: TokenValidator, azurite: string): BlobFault | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer === undefined) return undefined;
  if (azurite.startsWith("http:")) return NO_TOKENS;
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  const validation = tokens.validate(bearer, ["https://storage.azure.com", `https://${host}`]);
  if (validation.ok) return undefined;
  const message = `Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. (The local Azure found fault with the token's: ${validation.reason}.)`;
  return { status: 401, code: "InvalidAuthenticationInfo", message };
}

/** Errors as the Blob service writes them ("Status and error codes"). */
function sendError(response: ServerResponse, { status, code, message }: BlobFault): void {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml", "x-ms-error-code": code }).end(body);
}

function handOn(request: IncomingMessage, response: ServerResponse, azurite: URL): void {
  const send = azurite.protocol === "https:" ? requestTls : requestPlain;
  const options = {
    hostname: azurite.hostname.replace(/^\[|\]$/g, ""),
    port: azurite.port || (azurite.protocol === "https:" ? 443 : 80),
    method: request.method,
    path: request.url,
    // Header lines as they came: the client has signed them.
    headers: request.rawHeaders,
    // Azurite takes bearer tokens over TLS only, with a certificate of its user's own making; the way is the loopback.
    rejectUnauthorized: false,
    setHost: false,
  };
  const onward = send(options, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
    reply.pipe(response);
    reply.once("error", () => response.destroy());
  });
  onward.once("error", (error) => {
    if (response.headersSent) return response.destroy();
    const message = `Azurite does not answer at ${azurite.origin} (${(error as NodeJS.ErrnoException).code ?? error.message}): start it, or set another address with: npm run local -- start --azurite URL.`;
    return sendError(response, { status: 503, code: "ServerUnavailable", message });
  });
  response.once("close", () => onward.destroy());
  request.pipe(onward);
}
