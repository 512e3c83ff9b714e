import * as pulumi from "@pulumi/pulumi";

/** The entry of `adopt` for an enrollment's ID, whose letter case does not matter. */
export const adoptionOf = (
  adopt: Readonly<Record<string, true | string>> = {},
  id: string,
): true | string | undefined => Object.entries(adopt).find(([key]) => key.toLowerCase() === id.toLowerCase())?.[1];

/** Logs that an existing enrollment is adopted. */
export function logAdoption(
  resource: pulumi.Resource,
  id: pulumi.Input<string>,
  adopt: pulumi.Input<boolean | string> | undefined,
): void {
  if (adopt === undefined) return;
  pulumi.all([id, adopt]).apply(([name, value]) => {
    if (value === false) return;
    const condition = value === true ? "whatever its content" : `if its ETag is ${value}`;
    pulumi.log.info(
      `An existing enrollment ${name} is adopted, ${condition}, and updated to these settings.`,
      resource,
    );
  });
}
