import * as pulumi from "@pulumi/pulumi";

/** The entry of `adopt` for an enrollment's ID, whose letter case does not matter. */
export const adoptionOf = (
  adopt: Readonly<Record<string, true | string>> = {},
  id: string,
): true | string | undefined => Object.entries(adopt).find(([key]) => key.toLowerCase() === id.toLowerCase())?.[1];

/** Logs that an existing enrollment or certificate may be adopted, in previews too; `name` is its ID at the service. */
export function logAdoption(
  resource: pulumi.Resource,
  kind: "enrollment" | "certificate",
  name: pulumi.Input<string>,
  adopt: pulumi.Input<boolean | string> | undefined,
): void {
  if (adopt === undefined) return;
  pulumi.all([name, adopt]).apply(([id, value]) => {
    if (value === false) return;
    const condition = value === true ? "whatever its content" : `if its ETag is ${value}`;
    const outcome = kind === "enrollment" ? "and updated to these settings" : "and replaced by this one";
    pulumi.log.info(`An existing ${kind} ${id} is adopted, ${condition}, ${outcome}.`, resource);
  });
}
