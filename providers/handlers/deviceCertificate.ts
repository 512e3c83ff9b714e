/** Handler of DeviceCertificate: a device's leaf and key, issued by a CA of the stack. */
import { X509Certificate } from "node:crypto";
import { KEY_ALGORITHM_NAMES, type KeyAlgorithmName } from "../../certs/algorithms";
import {
  checkFields,
  diffFields,
  type Fields,
  named,
  oneOf,
  optionalText,
  pemCertificates,
  pickFields,
  text,
  whole,
} from "./fields";
import type { Handler, Props } from "./handler";
import type { World } from "./world";

/** Inputs. The issuer's key follows from its certificate and is kept out of the outputs. */
export const FIELDS: Fields = {
  registrationId: { isRequired: true, onChange: "replace", fault: named("x509RegistrationId") },
  issuerCertificate: { isRequired: true, fault: pemCertificates },
  issuerKey: { isRequired: true, onChange: "ignore" },
  issuerChain: { default: "" },
  keyAlgorithm: { default: "EC-P256", fault: oneOf(...KEY_ALGORITHM_NAMES) },
  lifetimeDays: { default: 365, fault: whole(1, 36_500) },
  renewBeforeDays: { default: 30, onChange: "ignore", fault: whole(0, 36_500) },
};

const DAY_MS = 86_400_000;

/**
 * Whether the certificate in the state is due for renewal. Never before half of its life: a leaf that lives shorter than
 * the span asked for, or one cut to its issuer's end, would else be renewed each time.
 */
function isDue(olds: Props, news: Props, now: Date): boolean {
  const days = Number(news.renewBeforeDays ?? FIELDS.renewBeforeDays?.default);
  const [pem, end] = [optionalText(olds, "certificate"), optionalText(olds, "notAfter")];
  if (pem === undefined || end === undefined || !(days > 0)) return false;
  const notAfter = new Date(end).getTime();
  const half = (notAfter - new Date(new X509Certificate(pem).validFrom).getTime()) / 2;
  return now.getTime() >= notAfter - Math.min(days * DAY_MS, half);
}

async function issue(inputs: Props, now: Date): Promise<{ outs: Record<string, unknown>; thumbprint: string }> {
  const pki = require("./pki") as typeof import("./pki");
  const order = {
    registrationId: text(inputs, "registrationId"),
    keyAlgorithm: (inputs.keyAlgorithm ?? FIELDS.keyAlgorithm?.default) as KeyAlgorithmName,
    lifetimeDays: Number(inputs.lifetimeDays ?? FIELDS.lifetimeDays?.default),
    now,
  };
  const leaf = await pki.createLeaf(order, {
    certificate: text(inputs, "issuerCertificate"),
    privateKey: text(inputs, "issuerKey"),
    chain: optionalText(inputs, "issuerChain") ?? "",
  });
  const outs = {
    ...pickFields(FIELDS, inputs, ["issuerKey"]),
    certificate: leaf.certificate,
    certificateChain: leaf.chain,
    privateKey: leaf.privateKey,
    thumbprint: leaf.facts.thumbprint,
    notAfter: leaf.facts.notAfter,
  };
  return { outs, thumbprint: leaf.facts.thumbprint };
}

/** The handler. Nothing outside the state is made; a change of anything but the name, and the end coming near, issue a new leaf and key. */
export const handler = (world: World): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    return { ...result, changes: result.changes || isDue(olds, news, world.now()) };
  },
  async create(inputs) {
    const { outs } = await issue(inputs, world.now());
    return { id: text(inputs, "registrationId"), outs };
  },
  async read(id, props) {
    return { id, props: { ...props } };
  },
  async update(_id, _olds, news) {
    const { outs } = await issue(news, world.now());
    return { outs };
  },
  async delete() {},
});
