/** The columns of a twin, in the table of the identity, beside `tags`, `desired` and `twin_updated`. */
export const TWIN_COLUMNS: Readonly<Record<string, string>> = Object.freeze({
  reported: "TEXT NOT NULL DEFAULT '{}'",
  desired_version: "INTEGER NOT NULL DEFAULT 1",
  reported_version: "INTEGER NOT NULL DEFAULT 1",
  twin_version: "INTEGER NOT NULL DEFAULT 1",
  desired_metadata: "TEXT",
  reported_metadata: "TEXT",
  model_id: "TEXT NOT NULL DEFAULT ''",
});
