import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathParameters } from "../../../azure-native-stand-in/armPath";
import type { Shape, Shapes } from "../../../azure-native-stand-in/propertyShape";
import { outputShapes } from "../../../azure-native-stand-in/resourceBody";
import type { FunctionType } from "../../../azure-native-stand-in/types/functionTypes";
import { FUNCTION_TYPES, RESOURCE_TYPES } from "../../../azure-native-stand-in/types/typeTable";

const SDK = resolve(__dirname, "../../../node_modules/@pulumi/azure-native");

/** One member of a declaration: `name?: type;`. */
interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}

/** The members of one interface of the SDK's declarations, comments left out, nested braces kept together. */
function members(text: string, name: string): Member[] | undefined {
  const start = text.indexOf(`interface ${name} {`);
  if (start < 0) return undefined;
  const found: Member[] = [];
  let [depth, line] = [0, ""];
  for (const each of text
    .slice(text.indexOf("{", start) + 1)
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .split(/(?<=[;{}])/)) {
    depth += (each.match(/\{/g)?.length ?? 0) - (each.match(/\}/g)?.length ?? 0);
    if (depth < 0) break;
    line += each;
    if (depth > 0 || !each.endsWith(";")) continue;
    const match = /^\s*(?:readonly )?(\w+)(\?)?:\s*([\s\S]*);$/.exec(line);
    if (match) found.push({ name: match[1] ?? "", optional: match[2] === "?", type: match[3] ?? "" });
    line = "";
  }
  return found;
}

function namespace(file: string, module: string): string {
  const text = readFileSync(join(SDK, "types", file), "utf8");
  const start = text.indexOf(`namespace ${module} {`);
  return text.slice(start, text.indexOf("\n}", start));
}

/** Where the table and the SDK's input types differ; the path names the place. */
function differences(
  inputs: string,
  shapes: Shapes,
  wanted: Member[],
  path: string,
  skip: readonly string[],
): string[] {
  const known = Object.entries(shapes).filter(([, property]) => !property.computed);
  const extra = known
    .filter(([key]) => !wanted.some(({ name }) => name === key))
    .map(([key]) => `${path}.${key} is not in the SDK`);
  return wanted
    .filter(({ name }) => !skip.includes(name))
    .flatMap(({ name, optional, type }) => {
      const property = shapes[name];
      if (!property || property.computed) return [`${path}.${name} is not in the table`];
      const required = property.required === true;
      const failures =
        required === optional ? [`${path}.${name} required: ${required} here, ${!optional} in the SDK`] : [];
      return [...failures, ...shapeDifferences(inputs, property.shape, type, `${path}.${name}`)];
    })
    .concat(extra);
}

function shapeDifferences(inputs: string, shape: Shape, type: string, path: string): string[] {
  const nested = /inputs\.\w+\.(\w+)/.exec(type)?.[1];
  if (shape.kind === "object") {
    const wanted = nested === undefined ? undefined : members(inputs, nested);
    return wanted ? differences(inputs, shape.properties, wanted, path, []) : [`${path}: no type ${nested} in the SDK`];
  }
  if (shape.kind === "any") return /^any\b/.test(type) ? [] : [`${path} is ${type} in the SDK, any here`];
  const isList = type.includes("[]");
  const isMap = type.includes("[key: string]");
  if (shape.kind === "list")
    return isList
      ? shapeDifferences(inputs, shape.of, type.replace("[]", ""), path)
      : [`${path} is no list in the SDK`];
  if (shape.kind === "map")
    return isMap
      ? shapeDifferences(inputs, shape.of, type.replace("[key: string]", ""), path)
      : [`${path} is no map in the SDK`];
  if (shape.kind === "ids") return isList && type.includes("string") ? [] : [`${path} is no list of ids in the SDK`];
  if (isList || isMap || nested !== undefined) return [`${path} is ${type} in the SDK, ${shape.kind} here`];
  const kind = /\b(number|boolean)\b/.exec(type)?.[1] ?? "string";
  return kind === shape.kind ? [] : [`${path} is ${kind} in the SDK, ${shape.kind} here`];
}

/** The names of a function's result. */
function resultOf(type: FunctionType): string[] {
  if (type.kind === "clientConfig") return ["clientId", "objectId", "subscriptionId", "tenantId"];
  if (type.kind === "post") return Object.keys(type.result);
  return [...Object.keys(outputShapes(type.resource)), "azureApiVersion", "id", "name", "type"];
}

describe("the plugin's table against the SDK's declarations", () => {
  for (const type of RESOURCE_TYPES) {
    const [, module = "", name = ""] = type.token.split(":");
    const file = `${name[0]?.toLowerCase()}${name.slice(1)}.d.ts`;
    const text = readFileSync(join(SDK, module, file), "utf8");

    it(`${type.token} has the SDK's inputs, required ones included`, () => {
      const parameters = pathParameters(type.path);
      const wanted = members(text, `${name}Args`) ?? [];
      assert.ok(wanted.length > 0);
      const inputs = namespace("input.d.ts", module);
      assert.deepEqual(differences(inputs, type.body, wanted, name, parameters), []);
      const named = wanted.filter((each) => parameters.includes(each.name));
      assert.deepEqual(
        named.map((each) => each.name).sort(),
        parameters.filter((each) => each !== "subscriptionId").sort(),
      );
      for (const each of named) assert.equal(each.optional, each.name === type.nameParameter, each.name);
    });

    it(`${type.token} has the SDK's outputs at its api-version`, () => {
      const outputs = [...text.matchAll(/^ {4}readonly (\w+): pulumi\.Output/gm)].map((match) => match[1] ?? "");
      assert.deepEqual(outputs.sort(), [...Object.keys(outputShapes(type)), "azureApiVersion", "name", "type"].sort());
      assert.ok(text.includes(`Uses Azure REST API version ${type.apiVersion}.`));
    });
  }

  for (const type of FUNCTION_TYPES) {
    it(`${type.token} has the SDK's arguments and results`, () => {
      const [, module = "", name = ""] = type.token.split(":");
      const text = readFileSync(join(SDK, module, `${name}.d.ts`), "utf8");
      const upper = `${name[0]?.toUpperCase()}${name.slice(1)}`;
      const args = (members(text, `${upper}Args`) ?? []).map((each) => each.name).sort();
      assert.deepEqual(
        args,
        type.kind === "clientConfig"
          ? []
          : [...pathParameters(type.path), ...(type.query ?? [])].filter((each) => each !== "subscriptionId").sort(),
      );
      assert.deepEqual((members(text, `${upper}Result`) ?? []).map((each) => each.name).sort(), resultOf(type).sort());
    });
  }
});
