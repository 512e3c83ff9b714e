/**
 * ARM path templates: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/…`, or `/{scope}/providers/…`, where
 * the scope is itself an id.
 */

const PARAMETER = /\{(\w+)\}/g;
const SCOPED = "/{scope}/";

/** The names of a template's parameters, in order. */
export const pathParameters = (template: string): readonly string[] =>
  [...template.matchAll(PARAMETER)].map((match) => match[1] ?? "");

/**
 * Fills a template. Values are percent-encoded as path segments.
 * @throws {TypeError} when a parameter has no value, or one that is empty.
 */
export function fillPath(template: string, values: Readonly<Record<string, string | undefined>>): string {
  return template.replace(PARAMETER, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === "") throw new TypeError(`the path ${template} needs a value for ${name}`);
    if (name === "scope") return value.replace(/^\/+|\/+$/g, "");
    return encodeURIComponent(value).replace(/%3A/gi, ":");
  });
}

/** Reads the parameters out of an id, without regard to the letter case of the fixed parts; undefined when it does not fit. */
export function readPath(template: string, id: string): Readonly<Record<string, string>> | undefined {
  const wanted = template.split("/");
  const given = id.replace(/\/+$/, "").split("/");
  if (template.startsWith(SCOPED)) {
    const rest = readPath(template.slice(SCOPED.length - 1), `/${given.slice(2 - wanted.length).join("/")}`);
    const scope = given.slice(0, 2 - wanted.length).join("/");
    return rest && scope !== "" ? { scope, ...rest } : undefined;
  }
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) {
      if (segment === "") return undefined;
      values[name] = decode(segment);
    } else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return values;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // an id that was never encoded may hold a bare percent sign
  }
}
