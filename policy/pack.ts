/** The policy pack that Pulumi's engine runs. The rules, in rules/, know no Pulumi. */
import { PolicyPack } from "@pulumi/policy";
import { resourcePolicies } from "./resourcePolicies";

new PolicyPack("azure-iot-zero-touch", { policies: [...resourcePolicies] });
