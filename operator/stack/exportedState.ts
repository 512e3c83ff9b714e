/** Reads a stack's state as `pulumi stack export --show-secrets` writes it. */
import { isObject } from "../../azure/wire/jsonObject";
import type { StackResource } from "./operatorStack";

/** The member that marks a special value, and its value for a secret (Pulumi: sdk/go/common/resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What is shown in place of a secret. */
export const SECRET_TEXT = "[secret]";

interface SecretValue {
  /** JSON. */
  readonly plaintext?: string;
}

const isSecret = (value: unknown): value is SecretValue => isObject(value) && value[SIGNATURE] === SECRET;

/** A value of the state with its secrets masked. */
export function maskedSecrets(value: unknown): unknown {
  if (isSecret(value)) return SECRET_TEXT;
  if (Array.isArray(value)) return value.map(maskedSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskedSecrets(member)]));
}

/** A resource as it is exported. */
interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly created?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A deployment as it is exported. */
export interface ExportedDeployment {
  readonly resources?: readonly ExportedResource[];
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** The program of a dynamic provider is in its inputs and outputs. */
const visible = ({ __provider: _, ...values }: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  maskedSecrets(values) as Record<string, unknown>;

/** The resources of a deployment without secrets. */
export function resourcesOf({ resources = [] }: ExportedDeployment): readonly StackResource[] {
  return resources.map(({ urn, type, id, created, inputs = {}, outputs = {} }) => ({
    urn,
    type,
    name: nameOf(urn),
    id,
    created,
    inputs: visible(inputs),
    outputs: visible(outputs),
  }));
}

/** A secret text among the outputs of a resource; undefined if there is none. */
export function secretOf({ resources = [] }: ExportedDeployment, urn: string, output: string): string | undefined {
  const value = resources.find((each) => each.urn === urn)?.outputs?.[output];
  if (!isSecret(value) || value.plaintext === undefined) return undefined;
  const text: unknown = JSON.parse(value.plaintext);
  return typeof text === "string" ? text : undefined;
}
