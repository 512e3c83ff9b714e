/** Tokens of a support session: what they hold, and their text. They name no stack, tenant or host. */

import { isObject } from "../../azure/wire/jsonObject";
import { findAlgorithmOf } from "../../certs/algorithms";
import type { Certificate } from "../../certs/certificate";
import { CertsError } from "../../certs/errors";
import { OperatorError } from "../operatorError";
import { CmsMessageError, readMessage, type SealedMessage } from "./sealedMessage";
import { sealMessage } from "./sealMessage";
import type { TokenKey } from "./tokenKey";

/** A request asks the support authority to unlock a session; a response unlocks it. */
export type TokenType = "supportSessionRequest" | "supportSessionResponse";

/** What a token holds. */
export interface TokenContent {
  /** Random, 256 bits, hexadecimal. Only the session that asks and the authority know it. */
  readonly session: string;
  /** A request cannot be authorized afterwards. A response cannot be used, and does not unlock, afterwards. */
  readonly expires: Date;
}

/** The longest text of a token, in characters. */
export const MAX_TOKEN_LENGTH = 16_384;

const ASK_AGAIN = "Copy the whole token again, or ask for a new one with Get-SupportSessionToken.";

const malformed = (message: string, cause?: unknown): OperatorError =>
  new OperatorError("TokenMalformed", message, ASK_AGAIN, { cause });

/** Runs `read`, and reports what is wrong with a message as an OperatorError. */
async function reported<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CertsError) throw malformed(`The token's certificate is invalid: ${error.message}.`, error);
    if (!(error instanceof CmsMessageError)) throw error;
    if (error.reason === "malformed") throw malformed(`The token is altered or incomplete: ${error.message}.`, error);
    throw new OperatorError(
      "TokenForeign",
      `The token is of another session or authority: ${error.message}.`,
      ASK_AGAIN,
    );
  }
}

/** Makes a token: the content signed by `key` and enveloped to `recipient`. A request has the certificate of its key. */
export async function sealToken(
  type: TokenType,
  { session, expires }: TokenContent,
  key: TokenKey,
  recipient: Certificate,
): Promise<string> {
  const content = Buffer.from(JSON.stringify({ type, session, expires: expires.toISOString() }));
  const options = { withCertificate: type === "supportSessionRequest" };
  return (await sealMessage(content, key, recipient, options)).toString("base64url");
}

/** Reads the text of a token: base64 or base64url, also in several lines. Errors: OperatorError TokenMalformed. */
export function readToken(text: string): Promise<SealedMessage> {
  const compact = text.replace(/\s+/g, "");
  const isToken = compact.length <= MAX_TOKEN_LENGTH && /^[\w+/-]+={0,2}$/.test(compact);
  if (!isToken) throw malformed("This is no token: a token is base64url text.");
  return reported(() => readMessage(Buffer.from(compact, "base64")));
}

function contentOf(bytes: Buffer, type: TokenType): TokenContent {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw malformed("The content of the token is not JSON.", cause);
  }
  const { session, expires } = isObject(value) ? value : {};
  const time = new Date(typeof expires === "string" ? expires : Number.NaN);
  const isValid = typeof session === "string" && /^[0-9a-f]{64}$/.test(session) && !Number.isNaN(time.getTime());
  if (!isObject(value) || value.type !== type || !isValid) throw malformed(`The token is no ${type}.`);
  return { session, expires: time };
}

/**
 * Opens a token by the key that it is enveloped to. A response must be signed by `signer`; a request by the RSA key of its
 * own certificate. Errors: OperatorError TokenMalformed, TokenForeign.
 */
export async function openToken(
  type: TokenType,
  message: SealedMessage,
  key: TokenKey,
  signer?: Certificate,
): Promise<TokenContent & { readonly signer: Certificate }> {
  const opened = await reported(() => message.open(key, signer));
  if (findAlgorithmOf(opened.signer.publicKey)?.family !== "rsa") {
    throw malformed("The token's certificate needs an RSA key of 2048, 3072 or 4096 bits.");
  }
  return { ...contentOf(opened.content, type), signer: opened.signer };
}
