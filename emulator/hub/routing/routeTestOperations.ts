import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../../arm/armDependencies";
import { armOperations } from "../../arm/armOperations";
import { existingResource, objectAt, readDevicesBody } from "../../arm/armRequest";
import { deviceServicePath } from "../../arm/microsoftDevices/deviceServiceKind";
import { DEFAULT_ROUTING } from "../../arm/microsoftDevices/hubRouting";
import { HUB, HUB_TYPE } from "../../arm/microsoftDevices/iotHub";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { EventDraft } from "../events/hubEvent";
import { evaluate } from "../queries/evaluateExpression";
import { QuerySyntaxError } from "../queries/querySyntaxError";
import type { Twin } from "../twins/twinStore";
import { MessageDocument } from "./messageDocument";
import { conditionOf } from "./routeCondition";

/** Names of system properties in tests, lower case and without `$`, by the names of events. */
const SYSTEM: Readonly<Record<string, string>> = {
  messageid: "message-id",
  correlationid: "correlation-id",
  userid: "user-id",
  contenttype: "content-type",
  contentencoding: "content-encoding",
  to: "to",
  connectiondeviceid: "iothub-connection-device-id",
  connectionmoduleid: "iothub-connection-module-id",
  connectionauthmethod: "iothub-connection-auth-method",
};

const texts = (object: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, String(value)]));

function draftOf(message: JsonObject): EventDraft {
  const system = Object.entries(texts(objectAt(message, "systemProperties"))).map(([name, value]) => {
    return [SYSTEM[name.replace(/^\$/, "").replaceAll("-", "").toLowerCase()] ?? name, value];
  });
  return {
    deviceId: "",
    partitionId: 0,
    // A test that says nothing of its body means JSON.
    systemProperties: {
      "content-type": "application/json",
      "content-encoding": "utf-8",
      ...Object.fromEntries(system),
    },
    properties: texts(objectAt(message, "appProperties")),
    body: Buffer.from(typeof message.body === "string" ? message.body : ""),
  };
}

/** The message and the twin of a test as conditions see them. */
function documentOf(body: JsonObject): object {
  const { tags, properties } = objectAt(body, "twin");
  const { desired, reported } = isObject(properties) ? properties : {};
  return new MessageDocument(draftOf(objectAt(body, "message")), () => ({ tags, desired, reported }) as unknown as Twin)
    .properties;
}

type Result = "true" | "false" | "undefined";

/** The result of a condition, or what is wrong with it. */
function resultOf(route: JsonObject, document: object): { readonly result: Result; readonly error?: QuerySyntaxError } {
  const condition = conditionOf(typeof route.condition === "string" ? route.condition : "true");
  if (condition instanceof QuerySyntaxError) return { result: "undefined", error: condition };
  const value = evaluate(condition, document);
  return { result: value === true ? "true" : value === false ? "false" : "undefined" };
}

function testRoute(request: Request, deps: ArmDependencies): Response {
  existingResource(request, HUB_TYPE, deps);
  const body = readDevicesBody(request, "iotHub.testRoute", deps);
  const { result, error } = resultOf(objectAt(body, "route"), documentOf(body));
  const at = (column: number) => ({ line: 1, column });
  const compilationErrors = error
    ? [{ message: error.message, severity: "error", location: { start: at(error.position), end: at(error.position) } }]
    : [];
  return { status: 200, body: { result, details: { compilationErrors } } };
}

function testAllRoutes(request: Request, deps: ArmDependencies): Response {
  const { properties } = existingResource(request, HUB_TYPE, deps);
  const body = readDevicesBody(request, "iotHub.testAllRoutes", deps);
  const source = body.routingSource ?? "DeviceMessages";
  const document = documentOf(body);
  const { routes, fallbackRoute } = { ...DEFAULT_ROUTING, ...objectAt(properties, "routing") };
  const matching = (Array.isArray(routes) ? routes : []).filter(
    (route): route is JsonObject =>
      isObject(route) &&
      route.isEnabled === true &&
      route.source === source &&
      resultOf(route, document).result === "true",
  );
  // For every source, though only messages of devices take it (az extension azure-iot, message_route.py and its test).
  const isFallback = matching.length === 0 && isObject(fallbackRoute) && fallbackRoute.isEnabled === true;
  const met = isFallback ? [{ name: "$fallback", ...fallbackRoute }] : matching;
  return { status: 200, body: { routes: met.map((route) => ({ properties: route })) } };
}

/** Tests of routes (Azure REST API "Iot Hub Resource – Test Route, Test All Routes"). */
export function routeTestOperations(deps: ArmDependencies): Operation[] {
  const path = `${deviceServicePath(HUB)}/routing/routes`;
  return armOperations(deps, [
    ["IotHubResource_TestRoute", "POST", `${path}/$testnew`, testRoute],
    ["IotHubResource_TestAllRoutes", "POST", `${path}/$testall`, testAllRoutes],
  ]);
}
