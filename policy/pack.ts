/** The policy pack that Pulumi's engine runs. The rules, in rules/, know no Pulumi. */
import { PolicyPack, type ResourceValidationArgs } from "@pulumi/policy";
import { POLICIES, type PolicyEntry, schemaOf } from "./policies";
import { type Resource, type Rule, violationText } from "./policyRule";
import { isProduction, type ProductionConfig, stackOf } from "./productionStacks";

function validate(entry: PolicyEntry, args: ResourceValidationArgs, report: (message: string) => void): void {
  const config = args.getConfig<ProductionConfig>();
  if (entry.isForProduction && !isProduction(stackOf(args.urn), args.stackTags, config)) return;
  const resource: Resource = {
    type: args.type,
    name: args.name,
    props: args.props,
    isProtected: args.opts.protect,
  };
  // The engine validated the configuration against the policy's schema.
  for (const finding of (entry.rule as Rule<unknown>)(resource, config)) report(violationText(finding));
}

new PolicyPack("azure-iot-zero-touch", {
  policies: POLICIES.map((entry) => ({
    name: entry.name,
    description: entry.description,
    enforcementLevel: entry.level,
    configSchema: schemaOf(entry),
    validateResource: (args, report) => validate(entry, args, report),
  })),
});
