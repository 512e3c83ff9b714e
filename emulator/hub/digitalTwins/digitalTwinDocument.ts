import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Twin } from "../twins/twinStore";

/** Marks a component in a twin (IoT Plug and Play conventions). */
export const COMPONENT_MARKER = "__t";

/** Whether a part of a twin is a component. */
export const isComponent = (part: unknown): part is JsonObject => isObject(part) && part[COMPONENT_MARKER] === "c";

/** Properties of a twin, or of one of its components, with their metadata. */
interface Section {
  readonly desired: JsonObject;
  readonly desiredMetadata: JsonObject;
  readonly reported: JsonObject;
  readonly reportedMetadata: JsonObject;
}

const own = (parent: JsonObject, name: string): unknown => (Object.hasOwn(parent, name) ? parent[name] : undefined);
const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** A reported value with an acknowledgement of the desired one: `value`, `ac`, `av` and `ad`. */
function acknowledged(value: unknown): { readonly value: unknown; readonly metadata: JsonObject } {
  if (!isObject(value) || !Object.hasOwn(value, "value") || !Object.hasOwn(value, "ac")) return { value, metadata: {} };
  const { value: current, av, ac, ad } = value;
  return {
    value: current,
    metadata: {
      ...(av === undefined ? {} : { ackVersion: av }),
      ackCode: ac,
      ...(ad === undefined ? {} : { ackDescription: ad }),
    },
  };
}

function propertyOf(name: string, { desired, desiredMetadata, reported, reportedMetadata }: Section, version: number) {
  const wanted = own(desired, name);
  const known = own(reported, name);
  const { value, metadata } = acknowledged(known);
  const desiredVersion = objectOf(own(desiredMetadata, name)).$lastUpdatedVersion ?? version;
  return {
    value,
    metadata: {
      ...(wanted === undefined ? {} : { desiredValue: wanted, desiredVersion }),
      ...metadata,
      ...(known === undefined ? {} : { lastUpdateTime: objectOf(own(reportedMetadata, name)).$lastUpdated }),
    },
  };
}

const namesIn = ({ desired, reported }: Section): readonly string[] =>
  [...new Set([...Object.keys(reported), ...Object.keys(desired)])].filter((name) => name !== COMPONENT_MARKER);

function propertiesOf(section: Section, names: readonly string[], version: number, $metadata: JsonObject): JsonObject {
  const properties = names.map((name) => [name, propertyOf(name, section, version)] as const);
  return Object.fromEntries([
    ...properties.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
    ["$metadata", { ...$metadata, ...Object.fromEntries(properties.map(([name, { metadata }]) => [name, metadata])) }],
  ]);
}

/** Returns a device's digital twin (Azure documentation, "Understand IoT Plug and Play digital twins – Digital twin JSON format"). */
export function digitalTwinOf(deviceId: string, twin: Twin): JsonObject {
  const { desired, desiredMetadata, reported, reportedMetadata, desiredVersion, modelId } = twin;
  const root: Section = { desired, desiredMetadata, reported, reportedMetadata };
  const names = namesIn(root);
  const components = names.filter((name) => isComponent(own(desired, name)) || isComponent(own(reported, name)));
  const properties = names.filter((name) => !components.includes(name));
  const sectionOf = (name: string): Section => ({
    desired: objectOf(own(desired, name)),
    desiredMetadata: objectOf(own(desiredMetadata, name)),
    reported: objectOf(own(reported, name)),
    reportedMetadata: objectOf(own(reportedMetadata, name)),
  });
  const parts = components.map((name) => {
    const section = sectionOf(name);
    return [name, propertiesOf(section, namesIn(section), desiredVersion, {})];
  });
  const { $metadata, ...values } = propertiesOf(root, properties, desiredVersion, { $model: modelId });
  return { $dtId: deviceId, ...values, ...Object.fromEntries(parts), $metadata };
}
