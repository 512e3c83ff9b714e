import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A property of a resource or a type (Pulumi's package schema). */
export interface PropertySchema {
  readonly description?: string;
  readonly secret?: boolean;
  /** Whether it is no output. */
  readonly plain?: boolean;
  readonly items?: PropertySchema;
  readonly additionalProperties?: PropertySchema;
  /** `#/types/TOKEN`. */
  readonly $ref?: string;
}

/** A resource of the schema. */
export interface ResourceSchema {
  readonly isComponent?: boolean;
  readonly inputProperties: Readonly<Record<string, PropertySchema>>;
  /** The outputs. */
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

/** The part of a package schema that the plugin reads. */
export interface PackageSchema {
  readonly version: string;
  /** By type token. */
  readonly resources: Readonly<Record<string, ResourceSchema>>;
  readonly types: Readonly<Record<string, { readonly properties: Readonly<Record<string, PropertySchema>> }>>;
}

/** The schema of the package, as JSON. A test compares it with the TypeScript types. */
export const schemaText = (): string => readFileSync(join(__dirname, "schema", "schema.json"), "utf8");
