import type { AccessToken } from "@azure/core-auth";
import type { ArmClient } from "./arm/client";
import { guardObject } from "./body";
import { fillPath, pathParameters } from "./paths";
import { must, text } from "./shapes";
import type { FunctionType } from "./types/functions";
import { type Fault, objectFaults } from "./validate";
import { isObject, type Properties, plain } from "./values";

/** A function's result, or what is wrong with its arguments. */
export type Invoked = { readonly result: Properties } | { readonly faults: readonly Fault[] };

/** What functions need. */
export interface InvokeServices {
  readonly arm: ArmClient;
  readonly subscriptionId: () => string;
  readonly token: () => Promise<AccessToken>;
}

/** Runs a function of the table: POST with an empty object, keys wrapped as secrets. */
export async function invoke(
  type: FunctionType,
  args: Properties,
  services: InvokeServices,
  signal: AbortSignal,
): Promise<Invoked> {
  const { path, apiVersion = "" } = type;
  const parameters = path === undefined ? [] : pathParameters(path).filter((name) => name !== "subscriptionId");
  const faults = objectFaults(type.token, Object.fromEntries(parameters.map((name) => [name, must(text)])), args);
  if (faults.length > 0) return { faults };
  if (path === undefined) return { result: await clientConfig(services) };
  const values = parameters.map((name): [string, string] => [name, String(plain(args[name] ?? ""))]);
  const filled = fillPath(path, { ...Object.fromEntries(values), subscriptionId: services.subscriptionId() });
  const answer = await services.arm.send(
    { method: "POST", url: services.arm.url(filled, apiVersion), body: {} },
    signal,
  );
  return { result: guardObject(type.result, isObject(answer.body) ? answer.body : {}) };
}

/** Who is signed in, out of the token's claims (`oid`, `appid`, `tid`). */
async function clientConfig({ subscriptionId, token }: InvokeServices): Promise<Properties> {
  const claims = claimsOf((await token()).token);
  return {
    clientId: claims.appid ?? "",
    objectId: claims.oid ?? "",
    subscriptionId: subscriptionId(),
    tenantId: claims.tid ?? "",
  };
}

/**
 * The claims of a JSON Web Token; its signature is the services' to check.
 * @throws {Error} when it is no JWT of three parts.
 */
export function claimsOf(token: string): Readonly<Record<string, string>> {
  const parts = token.split(".");
  if (parts.length !== 3) throw new Error("getClientConfig needs a token of three parts (a JSON Web Token)");
  return JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8")) as Record<string, string>;
}
