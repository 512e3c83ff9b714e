import { isObject } from "../../azure/wire/jsonObject";

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** A member without members of its own, on one line. */
const isPlain = (value: unknown): boolean =>
  Array.isArray(value) ? !value.some((each) => typeof each === "object") : !isObject(value);

const plain = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));

/** A JSON object as an indented outline; empty members are left out. Each object of a list begins with a dash. */
export function outlineText(value: Readonly<Record<string, unknown>>, indent = ""): string {
  const members = Object.entries(value).filter(([, member]) => !isEmpty(member));
  const width = Math.max(0, ...members.filter(([, member]) => isPlain(member)).map(([key]) => key.length));
  const inner = `${indent}  `;
  return members
    .map(([key, member]) => {
      if (isPlain(member)) return `${indent}${key.padEnd(width)}  ${plain(member)}`;
      if (!Array.isArray(member)) return `${indent}${key}\n${outlineText(member as Record<string, unknown>, inner)}`;
      const items = member.map((item: Record<string, unknown>) =>
        outlineText(item, `${inner}  `).replace(/^ {2}( *)/, (_, rest: string) => `${rest}- `),
      );
      return `${indent}${key}\n${items.join("\n")}`;
    })
    .join("\n");
}
