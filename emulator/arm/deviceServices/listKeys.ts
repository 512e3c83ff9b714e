import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { existingResource } from "../existingResource";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";
import { policyBody } from "./sharedAccessPolicies";

/** The shared access policies of a hub or a provisioning service, with their keys. */
export const listKeys =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_ListKeys`,
    method: "POST",
    path: `${deviceServicePath(kind)}/listkeys`,
    handle: (request) => ({
      status: 200,
      body: { value: existingResource(request, kind.type, deps).policies.map(policyBody) },
    }),
  });

/** One of the shared access policies, with its keys; 404016 when there is none of this name. */
export const listKeysForKeyName =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_ListKeysForKeyName`,
    method: "POST",
    path: `${deviceServicePath(kind)}/${kind.keyPath}/:keyName/listkeys`,
    handle(request) {
      const { policies } = existingResource(request, kind.type, deps);
      const name = request.params.keyName ?? "";
      const policy = policies.find(({ keyName }) => keyName.toLowerCase() === name.toLowerCase());
      if (!policy) throw devicesError("keyNotFound", `Key '${name}' not found.`, deps);
      return { status: 200, body: policyBody(policy) };
    },
  });
