import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { productProgram } from "./productProgram";

/** The resources of the plugin: each has a handler, and its inputs and its class in `providers/`. */
const resourceNames = (root: string): string[] =>
  readdirSync(join(root, "providers", "handlers"))
    .flatMap((file) => (file.endsWith("Handler.ts") ? [capitalized(file.slice(0, -"Handler.ts".length))] : []))
    .filter((name) => !["DeviceRegistration", "Load", "TelemetryReceipt"].includes(name))
    .sort();

/** The components of the plugin. A sample device is registered by the program, after the deployment of its environment. */
const COMPONENTS = [
  "CertificateAuthority",
  "DeviceCertificate",
  "EnrollmentGroup",
  "EnrollmentList",
  "FleetJob",
  "IndividualEnrollment",
  "IotHub",
  "KeyVault",
  "OperatorEndpoint",
  "ProvisioningService",
  "Revocations",
  "VerifiedCertificate",
];

type Schema = Record<string, unknown>;

interface Property extends Schema {
  readonly isOptional: boolean;
}

const ANY: Schema = { $ref: "pulumi.json#/Any" };
/** Arguments that azure-native declares are passed on to it; its schema is not at hand where the stand-in serves. */
const FOREIGN = /node_modules/;

/** Makes Pulumi's package schema of the TypeScript types of resources and components. */
class SchemaMaker {
  readonly types: Record<string, Schema> = {};
  readonly #checker: ts.TypeChecker;

  constructor(
    private readonly root: string,
    private readonly program: ts.Program,
  ) {
    this.#checker = program.getTypeChecker();
  }

  resource(name: string): Schema {
    const file = `providers/${uncapitalized(name)}Resource.ts`;
    const inputs = this.#properties(this.#declared(file, `${name}Inputs`), name);
    const own = this.#properties(this.#declared(file, `${name}Resource`), name);
    const echoed = Object.entries(inputs).map(([key, input]) => [key, { ...input, isOptional: true }] as const);
    return resourceSchema(this.#comment(file, `${name}Resource`), inputs, { ...Object.fromEntries(echoed), ...own });
  }

  component(name: string): Schema {
    const file = `components/${uncapitalized(name)}.ts`;
    const inputs = this.#properties(this.#declared(file, `${name}Args`), name, true);
    const outputs = this.#properties(this.#declared(file, name), name);
    return { isComponent: true, ...resourceSchema(this.#comment(file, name), inputs, outputs) };
  }

  #symbol(file: string, name: string): ts.Symbol {
    const source = this.program.getSourceFile(join(this.root, file));
    const module = source && this.#checker.getSymbolAtLocation(source);
    const found = module && this.#checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
    if (found === undefined) throw new Error(`${file} does not export ${name}`);
    return found;
  }

  #declared(file: string, name: string): ts.Type {
    return this.#checker.getDeclaredTypeOfSymbol(this.#symbol(file, name));
  }

  #comment(file: string, name: string): string {
    return commentOf(this.#symbol(file, name), this.#checker);
  }

  /** The data of a class or an interface: nothing private, no methods, no accessors, nothing of Pulumi's own classes. */
  #properties(type: ts.Type, owner: string, marksPlain = false): Record<string, Property> {
    const properties: Record<string, Property> = {};
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const [declaration] = symbol.declarations ?? [];
      if (declaration === undefined || !(ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)))
        continue;
      if (ts.isPrivateIdentifier(declaration.name)) continue;
      if (FOREIGN.test(declaration.getSourceFile().fileName) && ts.isPropertyDeclaration(declaration)) continue;
      const valueType = this.#checker.getTypeOfSymbol(symbol);
      const name = symbol.name;
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0 || this.#mayBeUndefined(valueType);
      const { choices, ...schema } = this.#schemaOf(valueType, `${owner}${capitalized(name)}`, marksPlain);
      const comment = [commentOf(symbol, this.#checker), choices].filter((part) => part).join(" ");
      const isSecret = symbol.getJsDocTags().some((tag) => tag.name === "secret");
      properties[name] = {
        ...schema,
        ...(comment === "" ? {} : { description: comment }),
        ...(isSecret ? { secret: true } : {}),
        ...(marksPlain && !this.#mayBeOutput(valueType) ? { plain: true } : {}),
        isOptional,
      };
    }
    return properties;
  }

  /** The value inside `Input` and `Output`, without undefined and null. */
  #values(type: ts.Type): ts.Type[] {
    const { Undefined, Null } = ts.TypeFlags;
    if ((type.flags & (Undefined | Null)) !== 0) return [];
    const [inner] = type.aliasSymbol?.name === "Output" ? (type.aliasTypeArguments ?? []) : [];
    if (inner !== undefined) return this.#values(inner);
    if (type.isUnion()) return type.types.flatMap((member) => this.#values(member));
    if (type.isIntersection()) return type.types.flatMap((member) => this.#values(member)).slice(0, 1);
    if (type.symbol?.name === "OutputInstance")
      return this.#checker.getTypeArguments(type as ts.TypeReference).flatMap((member) => this.#values(member));
    return type.symbol?.name === "Promise" ? [] : [type];
  }

  #mayBeOutput(type: ts.Type): boolean {
    if (type.isUnionOrIntersection()) return type.types.some((member) => this.#mayBeOutput(member));
    return type.symbol?.name === "OutputInstance";
  }

  #mayBeUndefined(type: ts.Type): boolean {
    if ((type.flags & ts.TypeFlags.Undefined) !== 0) return true;
    const [inner] = type.aliasSymbol?.name === "Output" ? (type.aliasTypeArguments ?? []) : [];
    if (inner !== undefined) return this.#mayBeUndefined(inner);
    return type.isUnion() && type.types.some((member) => this.#mayBeUndefined(member));
  }

  /** `choices` is a sentence that names the strings that are allowed. */
  #schemaOf(type: ts.Type, name: string, marksPlain: boolean): Schema & { choices?: string } {
    const values = this.#values(type);
    const literals = [...new Set(values.flatMap((value) => (value.isStringLiteral() ? [value.value] : [])))];
    const others = values.filter((value) => !value.isStringLiteral());
    const strings = literals.length === 0 ? [] : [{ type: "string" }];
    const schemas = unique([...strings, ...others.map((value) => this.#valueSchema(value, name, marksPlain))]);
    const [only = ANY] = schemas;
    if (schemas.length > 1) return { oneOf: schemas };
    return literals.length === 0
      ? only
      : { ...only, choices: `One of ${literals.map((text) => `\`${text}\``).join(", ")}.` };
  }

  #valueSchema(type: ts.Type, name: string, marksPlain: boolean): Schema {
    const { StringLike, NumberLike, BooleanLike, Unknown, Any } = ts.TypeFlags;
    if ((type.flags & (Unknown | Any)) !== 0) return ANY;
    if ((type.flags & StringLike) !== 0) return { type: "string" };
    if ((type.flags & NumberLike) !== 0) return { type: "number" };
    if ((type.flags & BooleanLike) !== 0) return { type: "boolean" };
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      const { plain, ...items } = item === undefined ? ANY : this.#itemSchema(item, name, marksPlain);
      // Pulumi's generator for Go declares no arguments for plain objects of a list.
      return { type: "array", items: items.$ref === undefined && plain === true ? { ...items, plain } : items };
    }
    const index = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (index !== undefined) return { type: "object", additionalProperties: this.#itemSchema(index, name, marksPlain) };
    return this.#objectType(type, name, marksPlain);
  }

  #itemSchema(type: ts.Type, name: string, marksPlain: boolean): Schema {
    const { choices: _, ...schema } = this.#schemaOf(type, name, marksPlain);
    return marksPlain && !this.#mayBeOutput(type) ? { ...schema, plain: true } : schema;
  }

  #objectType(type: ts.Type, path: string, marksPlain: boolean): Schema {
    const symbol = type.aliasSymbol ?? type.symbol;
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || FOREIGN.test(declaration.getSourceFile().fileName)) return ANY;
    // An interface that only adds to azure-native's.
    const properties = this.#checker.getPropertiesOfType(type);
    const isForeign = properties.some((each) => FOREIGN.test(each.declarations?.[0]?.getSourceFile().fileName ?? ""));
    if (isForeign && properties.length > 6) return ANY;
    // Languages add a suffix of their own to the types of arguments.
    const name = symbol.name.startsWith("__") ? path : symbol.name.replace(/Args$/, "");
    const token = `zero-touch:index:${name}`;
    if (this.types[token] === undefined) {
      this.types[token] = {}; // A type may name itself.
      const schema = this.#properties(type, name, marksPlain);
      const comment = symbol.name.startsWith("__") ? "" : commentOf(symbol, this.#checker);
      this.types[token] = {
        type: "object",
        ...(comment === "" ? {} : { description: comment }),
        properties: withoutOptional(schema),
        required: requiredOf(schema),
      };
    }
    return { $ref: `#/types/${token}` };
  }
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const uncapitalized = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const unique = (schemas: Schema[]): Schema[] => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values(),
];

const withoutOptional = (properties: Record<string, Property>): Record<string, Schema> =>
  Object.fromEntries(Object.entries(properties).map(([key, { isOptional: _, ...schema }]) => [key, schema]));

const requiredOf = (properties: Record<string, Property>): string[] =>
  Object.entries(properties)
    .filter(([, { isOptional }]) => !isOptional)
    .map(([key]) => key);

const commentOf = (symbol: ts.Symbol, checker: ts.TypeChecker): string =>
  ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s+/g, " ");

const resourceSchema = (
  description: string,
  inputs: Record<string, Property>,
  outputs: Record<string, Property>,
): Schema => ({
  description,
  inputProperties: withoutOptional(inputs),
  requiredInputs: requiredOf(inputs),
  properties: withoutOptional(outputs),
  required: requiredOf(outputs),
});

/** The schema of the package `zero-touch` as JSON, made from the types of a checkout. */
export function pluginSchema(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const names = resourceNames(root);
  const maker = new SchemaMaker(root, productProgram());
  const resources = Object.fromEntries([
    ...names.map((name) => [`zero-touch:index:${name}`, maker.resource(name)] as const),
    ...COMPONENTS.map((name) => [`zero-touch:iot:${name}`, maker.component(name)] as const),
  ]);
  const schema = {
    name: "zero-touch",
    displayName: "Azure IoT Zero Touch",
    version,
    description: "Zero-touch provisioning of X.509 devices on Azure IoT",
    keywords: ["azure", "iot", "dps", "x509", "category/cloud"],
    license: "MIT",
    // The SDK of Go is a module of its own.
    meta: { supportPack: true },
    language: {
      go: { respectSchemaVersion: true },
      nodejs: { respectSchemaVersion: true, packageName: "azure-iot-zero-touch-sdk" },
      python: { respectSchemaVersion: true, packageName: "azure_iot_zero_touch", pyproject: { enabled: true } },
    },
    resources,
    types: maker.types,
  };
  return `${JSON.stringify(schema, undefined, 1)}\n`;
}
