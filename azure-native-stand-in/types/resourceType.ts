import type { Properties } from "../../plugin-protocol/propertyValue";
import { optional, type Shapes, type TextLimits, text } from "../propertyShape";

/** A list that other resources may manage, by its member of the body and its key, such as `["properties", "accessPolicies"]`. */
export type MaintainedMember = readonly [member: string, key: string];

/** What the plugin knows about one Pulumi resource type. */
export interface ResourceType {
  /** For example `azure-native:iothub:IotHubResource`. */
  readonly token: string;
  /** ARM's type, for example `Microsoft.Devices/IotHubs`. */
  readonly armType: string;
  /** The id with its parameters in braces. All but `subscriptionId` are inputs, and a change of one replaces the resource. */
  readonly path: string;
  /** The version that azure-native 3.28 sends for this type. */
  readonly apiVersion: string;
  /** The path parameter that names the resource, always the last one; it may be left out by a program. */
  readonly nameParameter: string;
  /** The name by default: the logical name and eight hex digits, or a GUID; undefined: the logical name itself (children). */
  readonly autoName?: "random" | "guid";
  /** The specification's limits of path parameters. */
  readonly parameterLimits?: Readonly<Record<string, TextLimits>>;
  /** Properties that azure-native replaces for, beside path parameters: `forceNewMap`, and `x-ms-mutability` without update. */
  readonly replacedFor?: readonly string[];
  /** Where an unset `location` comes from; undefined for types that have no location. */
  readonly location?: "resourceGroup" | "config";
  /** Whether the response to a PUT is its end: the specification has no long-running operation, and headers are ignored. */
  readonly putIsComplete?: true;
  /** Whether a DELETE is a long-running operation, so that a 202 must say where to poll. */
  readonly deleteIsPolled?: true;
  /** ARM has no DELETE for it: the data plane of its vault deletes it. */
  readonly deletedIn?: "vault";
  /** What Azure returns before anything creates the resource: it comes with its parent. */
  readonly initialState?: Properties;
  /** The member of the body that holds the properties, all but ARM's own (`location`, `tags`, `sku` …); undefined when they are the body's own. */
  readonly inside?: "properties";
  /** The member that programs write the properties into, as ARM has it, while the SDK's class shows them beside it. */
  readonly flattened?: "properties";
  /** Lists that other resources may manage too, so that a program may leave them out and lose nothing. */
  readonly unmanagedLists?: readonly MaintainedMember[];
  /** Top-level properties of the request's and the response's body. `name`, `type` and `id` are not listed: every type has them. */
  readonly body: Shapes;
}

/** Metadata that ARM may add to any resource. */
export const SYSTEM_DATA: Shapes = {
  createdAt: optional(text),
  createdBy: optional(text),
  createdByType: optional(text),
  lastModifiedAt: optional(text),
  lastModifiedBy: optional(text),
  lastModifiedByType: optional(text),
};
