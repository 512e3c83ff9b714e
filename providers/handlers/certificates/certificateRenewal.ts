/** When a device's certificate is renewed, and the message about it. */

import { createHash, X509Certificate } from "node:crypto";
import { DAY_MS } from "../../../certs/clock";
import { changedFields, type Fields, optionalText } from "../resource/fields";
import type { Props } from "../resource/handler";

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/**
 * Why the certificate in the state is due, if it is. Never before half of its life: a leaf that lives shorter than the
 * span, or one cut to its issuer's expiry, would else be renewed each time. `initialDays` is the default span.
 */
function dueReason(olds: Props, news: Props, initialDays: number, now: Date): string | undefined {
  const days = Number(news.renewBeforeDays ?? initialDays);
  const [pem, end] = [optionalText(olds, "certificate"), optionalText(olds, "notAfter")];
  if (pem === undefined || end === undefined || !(days > 0)) return undefined;
  const notAfter = new Date(end).getTime();
  const half = (notAfter - new Date(new X509Certificate(pem).validFrom).getTime()) / 2;
  if (now.getTime() < notAfter - Math.min(days * DAY_MS, half)) return undefined;
  const ends = `${notAfter <= now.getTime() ? "ended" : "ends"} on ${day(notAfter)}`;
  const rule =
    days * DAY_MS <= half ? `renewBeforeDays = ${days}` : `half of its life is over and renewBeforeDays = ${days}`;
  return `it ${ends}, and ${rule}`;
}

/** Whether the certificate in the state is revoked by its thumbprint: it is never renewed. */
export function isRevokedCertificate(olds: Props, news: Props): boolean {
  const pem = optionalText(olds, "certificate");
  const revoked: readonly unknown[] = Array.isArray(news.revokedThumbprints) ? news.revokedThumbprints : [];
  if (pem === undefined || revoked.length === 0) return false;
  const { raw } = new X509Certificate(pem);
  return ["sha1", "sha256"].some((digest) =>
    revoked.includes(createHash(digest).update(raw).digest("hex").toUpperCase()),
  );
}

/** Why a device's certificate is renewed, in one sentence: changed inputs, or its expiry. Undefined if it is not. */
export function renewalReason(fields: Fields, olds: Props, news: Props, now: Date): string | undefined {
  const id = optionalText(news, "registrationId") ?? "";
  const changed = changedFields(fields, olds, news);
  if (changed.length > 0) {
    const change = changed.length === 1 ? "changes" : "change";
    return `Device ${id} gets a new certificate, because ${changed.join(", ")} ${change}.`;
  }
  const due = dueReason(olds, news, Number(fields.renewBeforeDays?.default), now);
  return due === undefined ? undefined : `The certificate of device ${id} is renewed now: ${due}.`;
}
