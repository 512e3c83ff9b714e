import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Preview, readPreview } from "../../review/previewDocument";

/** The folder of recorded previews, below the checkout. */
export const PREVIEWS = "tests/cast/previews";

/** The recorded previews; tests/cast/recordPreviews.ts records them. */
export const RECORDED = [
  "newStack",
  "unchanged",
  "hubSku",
  "hubReplaced",
  "serviceReplaced",
  "locationChanged",
  "enrollmentChanged",
  "groupReplaced",
  "rootReplaced",
  "intermediateChanged",
  "rolloverBegun",
  "deviceRevoked",
  "deviceRemoved",
  "lifetimeChanged",
  "verificationAsserted",
  "expiryNear",
  "settingsFaulty",
  "destroyed",
  "drifted",
  "driftedByRefresh",
] as const;

/** One of {@link RECORDED}. */
export type RecordedName = (typeof RECORDED)[number];

/** The file of a recorded preview, absolute; `.md` for its report. */
export const previewFile = (name: RecordedName, extension = ".json"): string =>
  join(__dirname, "previews", `${name}${extension}`);

/** A recorded preview. */
export const recordedPreview = (name: RecordedName): Preview => readPreview(readFileSync(previewFile(name), "utf8"));

/** A report as the documentation shows it, with its fence. */
export const exampleReport = (name: RecordedName): string =>
  `\`\`\`\`markdown\n${readFileSync(previewFile(name, ".md"), "utf8")}\`\`\`\`\n`;
