import { isObject } from "../../../azure/wire/jsonObject";
import { parseJson } from "../../kernel/parseJson";
import { withSchemaNames } from "../../schemas/bodyNames";
import { readConfiguration, wireConfigurations } from "../configurations/configurationBody";
import { saveConfiguration } from "../configurations/configurationChanges";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";

/** The members of a configuration whose own members have Pascal case too. */
const NESTED = ["content", "systemMetrics", "metrics"];

const pascal = (name: string): string => (name === "etag" ? "ETag" : `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`);

const renamed = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [pascal(name), member]));

/**
 * Returns a hub's configurations as lines of an export: names in Pascal case, as measured on Azure
 * (mwalser/terraform-provider-iothub). That each has the members of the service API is a guess.
 */
export async function exportedConfigurations(hub: string, deps: HubDependencies): Promise<string[]> {
  const bodies = await wireConfigurations(hub, deps.configurations.list(hub), deps);
  return bodies.map((body) => {
    const entries = Object.entries(body).map(([name, member]) => [
      name,
      NESTED.includes(name) && isObject(member) ? renamed(member) : member,
    ]);
    return JSON.stringify(renamed(Object.fromEntries(entries)));
  });
}

/** The ID in a line of an import, and what is there. Throws DeserializationError. */
function read(line: string) {
  let body: unknown;
  try {
    body = withSchemaNames("hub.configuration", parseJson(Buffer.from(line)));
  } catch (error) {
    throw hubError("DeserializationError", error instanceof Error ? error.message : String(error));
  }
  const { id, etag } = isObject(body) ? body : {};
  if (typeof id !== "string") throw hubError("DeserializationError", "a line of configurations needs an id");
  return { id, etag: typeof etag === "string" && etag !== "" ? etag : undefined, body };
}

/**
 * Applies a line of an import, by the one import mode that configurations have: CreateOrUpdateIfMatchETag (azure-iot-sdk-csharp,
 * ImportConfiguration). Throws the error of the single operation. Call it inside a transaction.
 */
export function importConfiguration(hub: string, line: string, deps: HubDependencies): void {
  const { id, etag, body } = read(line);
  const draft = readConfiguration(body, id);
  const isKnown = deps.configurations.find(hub, id) !== undefined;
  saveConfiguration(hub, draft, isKnown ? (etag === undefined ? "*" : `"${etag}"`) : undefined, deps);
}
