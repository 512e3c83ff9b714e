import { isObject } from "../../../azure/wire/jsonObject";
import { hubError } from "../hubErrors";
import { type Setting, settingsOf } from "./twinPaths";

type Content = Readonly<Record<string, unknown>>;

/** The content of a configuration: one of the three. */
export interface ConfigurationContent {
  readonly deviceContent?: Content | null;
  readonly moduleContent?: Content | null;
  /** An Edge deployment: the content of each module's twin. */
  readonly modulesContent?: Readonly<Record<string, Content>> | null;
}

export type ConfigurationKind = "device" | "module" | "edge";

const invalid = (why: string) =>
  hubError(
    "InvalidConfigurationContent",
    "The content provided for configuration is invalid. Please check and try again",
    {
      reason: why,
    },
  );

/** Returns what a content configures. */
export const kindOf = ({ deviceContent, moduleContent }: ConfigurationContent): ConfigurationKind =>
  deviceContent ? "device" : moduleContent ? "module" : "edge";

/** Throws InvalidConfigurationContent unless a content has exactly one part, with paths into desired properties. */
export function checkContent({ deviceContent, moduleContent, modulesContent }: ConfigurationContent): void {
  const parts = [deviceContent, moduleContent, modulesContent].filter((part) => part !== undefined && part !== null);
  if (parts.length !== 1) throw invalid("content needs one of deviceContent, moduleContent and modulesContent");
  const contents = modulesContent ? Object.values(modulesContent) : parts;
  for (const content of contents) {
    if (!isObject(content) || !settingsOf(content)) {
      throw invalid("each name must be properties.desired, or a path below it");
    }
  }
  // Also of a layered deployment (measured on Azure: mwalser/terraform-provider-iothub).
  if (modulesContent && !modulesContent.$edgeAgent) throw invalid("modulesContent needs $edgeAgent");
}

/** Throws InvalidConfigurationContent for what cannot be applied to one Edge device. */
export function checkEdgeContent(content: ConfigurationContent): void {
  checkContent(content);
  if (!content.modulesContent?.$edgeAgent || !content.modulesContent.$edgeHub) {
    throw invalid("an Edge device needs modulesContent with $edgeAgent and $edgeHub");
  }
}

/** Whether a deployment is whole: a layered one changes parts of what another has set. */
export const isWhole = ({ modulesContent }: ConfigurationContent): boolean =>
  modulesContent?.$edgeAgent !== undefined && Object.hasOwn(modulesContent.$edgeAgent, "properties.desired");

/** The settings of each module of a deployment. */
export const moduleSettings = ({ modulesContent }: ConfigurationContent): ReadonlyMap<string, readonly Setting[]> =>
  new Map(Object.entries(modulesContent ?? {}).map(([moduleId, content]) => [moduleId, settingsOf(content) ?? []]));

/** The modules of a deployment without those of the runtime: with a content, or listed for the agent to run. */
export function moduleIdsOf(content: ConfigurationContent): readonly string[] {
  const listed = (moduleSettings(content).get("$edgeAgent") ?? []).flatMap(({ path: [first, name], value }) => {
    if (first !== "modules") return [];
    return name === undefined ? Object.keys(isObject(value) ? value : {}) : [name];
  });
  const ids = [...Object.keys(content.modulesContent ?? {}), ...listed];
  return [...new Set(ids)].filter((id) => !id.startsWith("$"));
}
