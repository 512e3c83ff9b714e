import * as pulumi from "@pulumi/pulumi";

/** Tells, in previews as in updates, that an enrollment is taken over where it exists already. */
export function tellAdoption(
  resource: pulumi.Resource,
  id: pulumi.Input<string>,
  adopt: pulumi.Input<boolean | string> | undefined,
): void {
  if (adopt === undefined) return;
  pulumi.all([id, adopt]).apply(([name, flag]) => {
    if (flag === false) return;
    const condition = flag === true ? "whatever it says now" : `if its ETag is ${flag}`;
    const message = `An enrollment ${name} that exists already is taken over, ${condition}, and made to say what stands here.`;
    pulumi.log.info(message, resource);
  });
}
