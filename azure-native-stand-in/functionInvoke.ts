import type { AccessToken } from "@azure/core-auth";
import { isObject } from "../azure/wire/jsonObject";
import { tokenClaims } from "../azure/wire/tokenClaims";
import type { Properties } from "../plugin-protocol/propertyValue";
import type { InvokeResult } from "../plugin-protocol/resourceProvider";
import type { ArmClient } from "./arm/armClient";
import { ArmError } from "./arm/armError";
import { fillPath, pathParameters } from "./armPath";
import { objectFailures } from "./inputValidation";
import { optional, required, text } from "./propertyShape";
import { knownProperties, outputsOf } from "./resourceBody";
import type { ArmFunction, FunctionType } from "./types/functionTypes";

/** Dependencies of functions. */
export interface InvokeDependencies {
  readonly arm: ArmClient;
  readonly subscriptionId: () => string;
  readonly token: () => Promise<AccessToken>;
}

/** Runs a function of the table. Keys in its result are plain, as the genuine plugin returns them. */
export async function invoke(
  type: FunctionType,
  args: Properties,
  dependencies: InvokeDependencies,
  signal: AbortSignal,
): Promise<InvokeResult> {
  const path = type.kind === "clientConfig" ? "" : type.path;
  const parameters = pathParameters(path).filter((name) => name !== "subscriptionId");
  const query = type.kind === "clientConfig" ? [] : (type.query ?? []);
  const shapes = [...parameters.map((name) => [name, required(text)]), ...query.map((name) => [name, optional(text)])];
  const failures = objectFailures(type.token, Object.fromEntries(shapes), args);
  if (failures.length > 0) return { failures };
  if (type.kind === "clientConfig") return { result: await clientConfig(dependencies) };
  const values = parameters.map((name): [string, string] => [name, String(args[name] ?? "")]);
  const filled = fillPath(path, { ...Object.fromEntries(values), subscriptionId: dependencies.subscriptionId() });
  const options = query.filter((name) => typeof args[name] === "string");
  const search = options.map((name) => `&${name}=${encodeURIComponent(String(args[name]))}`).join("");
  const body = await send(type, filled, search, dependencies.arm, signal);
  if (type.kind === "post") return { result: knownProperties(type.result, body) };
  const { id } = body;
  return { result: { ...outputsOf(type.resource, body), ...(id !== undefined && { id }) } };
}

/** Getters read with GET, key listings with POST and an empty object. */
async function send(
  type: ArmFunction,
  path: string,
  search: string,
  arm: ArmClient,
  signal: AbortSignal,
): Promise<Properties> {
  const url = `${arm.url(path, type.apiVersion)}${search}`;
  const request =
    type.kind === "get" ? ({ method: "GET", url } as const) : ({ method: "POST", url, body: {} } as const);
  try {
    const { body } = await arm.send(request, signal);
    return isObject(body) ? body : {};
  } catch (error) {
    if (error instanceof ArmError) throw new Error(`request failed ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The signed-in identity, out of the token's claims (`oid`, `appid`, `tid`). */
async function clientConfig({ subscriptionId, token }: InvokeDependencies): Promise<Properties> {
  const claims = tokenClaims((await token()).token);
  if (claims === undefined) throw new Error("getClientConfig needs an access token that is a JSON Web Token");
  const claim = (name: string): string => String(claims[name] ?? "");
  return { clientId: claim("appid"), objectId: claim("oid"), subscriptionId: subscriptionId(), tenantId: claim("tid") };
}
