/** Handler of CertificateAuthority: a root and one intermediate. Their keys live in the stack's state, as secrets. */
import { KEY_ALGORITHM_NAMES, type KeyAlgorithmName } from "../../certs/algorithms";
import { commonNameFault } from "../../certs/names";
import { checkFields, diffFields, type Fields, oneOf, pickFields, text, whole } from "./fields";
import type { Handler, Props } from "./handler";
import type { CaOrder, Issued } from "./pki";
import type { World } from "./world";

const commonName = (value: unknown): string | undefined =>
  typeof value === "string" ? commonNameFault(value) : "must be text";

/** Inputs; days are of 86,400 seconds. */
export const FIELDS: Fields = {
  rootName: { isRequired: true, onChange: "replace", fault: commonName },
  rootLifetimeDays: { default: 3650, onChange: "replace", fault: whole(1, 36_500) },
  keyAlgorithm: { default: "EC-P256", onChange: "replace", fault: oneOf(...KEY_ALGORITHM_NAMES) },
  intermediateName: { isRequired: true, fault: commonName },
  intermediateLifetimeDays: { default: 1825, fault: whole(1, 36_500) },
};

const loadPki = () => require("./pki") as typeof import("./pki");

function order(inputs: Props, tier: "root" | "intermediate", now: Date): CaOrder {
  return {
    commonName: text(inputs, `${tier}Name`),
    // Both were checked against FIELDS before.
    keyAlgorithm: (inputs.keyAlgorithm ?? FIELDS.keyAlgorithm?.default) as KeyAlgorithmName,
    lifetimeDays: Number(inputs[`${tier}LifetimeDays`] ?? FIELDS[`${tier}LifetimeDays`]?.default),
    now,
  };
}

const outputsOf = (tier: "root" | "intermediate", issued: Issued): Record<string, unknown> => ({
  [`${tier}Certificate`]: issued.certificate,
  [`${tier}Key`]: issued.privateKey,
  [`${tier}Thumbprint`]: issued.facts.thumbprint,
  [`${tier}NotAfter`]: issued.facts.notAfter,
});

/** The handler. Nothing outside the state is made, so read tells what the state says and delete does nothing. */
export const handler = (world: World): Handler => ({
  async check(_olds, news) {
    const result = checkFields(FIELDS, news);
    const { rootName, intermediateName } = result.inputs;
    if (rootName !== undefined && rootName === intermediateName) {
      const reason = "must differ from rootName: a certificate whose issuer has its own name looks self-signed";
      result.failures.push({ property: "intermediateName", reason });
    }
    return result;
  },
  async diff(_id, olds, news) {
    return diffFields(FIELDS, olds, news);
  },
  async create(inputs) {
    const pki = loadPki();
    const now = world.now();
    const root = await pki.createRoot(order(inputs, "root", now));
    const intermediate = await pki.createIntermediate(order(inputs, "intermediate", now), root);
    const outs = {
      ...pickFields(FIELDS, inputs),
      ...outputsOf("root", root),
      ...outputsOf("intermediate", intermediate),
    };
    return { id: root.facts.thumbprint, outs };
  },
  async read(id, props) {
    return { id, props: { ...props } };
  },
  async update(_id, olds, news) {
    const root = { certificate: text(olds, "rootCertificate"), privateKey: text(olds, "rootKey") };
    const intermediate = await loadPki().createIntermediate(order(news, "intermediate", world.now()), root);
    const kept = Object.fromEntries(
      ["rootCertificate", "rootKey", "rootThumbprint", "rootNotAfter"].map((name) => [name, olds[name]]),
    );
    return { outs: { ...pickFields(FIELDS, news), ...kept, ...outputsOf("intermediate", intermediate) } };
  },
  async delete() {},
});
