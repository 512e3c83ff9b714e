import { textOrEmpty } from "../../azure/wire/jsonObject";
import type { Request } from "../kernel/operation";
import type { AmqpClient } from "./amqpDependencies";

/** The api-version of a link that names none. */
const API_VERSION = "2021-04-12";

/** Returns a request over a link to an operation over HTTPS. */
export const amqpRequest = (
  { host, clientChain }: AmqpClient,
  link: { readonly properties: Readonly<Record<string, unknown>> } | undefined,
  request: Pick<Request, "method" | "path" | "params"> & Partial<Request>,
): Request => ({
  host,
  query: new Map([["api-version", textOrEmpty(link?.properties["com.microsoft:api-version"] ?? API_VERSION)]]),
  headers: {},
  body: undefined,
  raw: Buffer.alloc(0),
  clientChain,
  ...request,
});
