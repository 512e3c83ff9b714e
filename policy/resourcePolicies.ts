/** The policies as `@pulumi/policy` takes them, for this pack and for packs of a user's own. */
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { dynamicType } from "../azure/toolkitTypes";
import { POLICIES, type PolicyEntry, schemaOf } from "./policies";
import { type Resource, type Rule, violationText } from "./policyRule";
import { isProduction, type ProductionConfig, stackOf } from "./productionStacks";

function validate(entry: PolicyEntry, args: ResourceValidationArgs, report: (message: string) => void): void {
  const config = args.getConfig<ProductionConfig>();
  if (entry.isForProduction && !isProduction(stackOf(args.urn), args.stackTags, config)) return;
  const resource: Resource = {
    type: dynamicType(args.type),
    name: args.name,
    props: args.props,
    isProtected: args.opts.protect,
  };
  // The engine validated the configuration against the policy's schema.
  for (const finding of (entry.rule as Rule<unknown>)(resource, config)) report(violationText(finding));
}

/** Every policy, in the order of docs/policies.md. */
export const resourcePolicies: readonly ResourceValidationPolicy[] = POLICIES.map((entry) => ({
  name: entry.name,
  description: entry.description,
  enforcementLevel: entry.level,
  configSchema: schemaOf(entry),
  validateResource: (args, report) => validate(entry, args, report),
}));
