/**
 * The rule of a registration ID that is a certificate's common name (Azure documentation "DPS terminology – registration
 * ID"; 64 characters because X.520 gives a common name no more). Kept equal to azure/names.ts by a test: this folder
 * imports nothing of the project's.
 */
export const REGISTRATION_ID_RULE = Object.freeze({
  maximum: 64,
  pattern: /^[A-Za-z0-9._:-]*[A-Za-z0-9-]$/,
  rule: "1 to 64 letters, digits and the characters - . _ : ending in a letter, a digit or a dash",
});

/** Whether `text` may be the registration ID of a device with a certificate. */
export function isRegistrationId(text: string): boolean {
  return text.length <= REGISTRATION_ID_RULE.maximum && REGISTRATION_ID_RULE.pattern.test(text);
}

/** A text that is equal for registration IDs that Azure takes for the same: letter case does not count. */
export function registrationKey(registrationId: string): string {
  return registrationId.toLowerCase();
}
