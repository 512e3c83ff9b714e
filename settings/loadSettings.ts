import * as pulumi from "@pulumi/pulumi";
import { stoppedLocalAzure } from "../emulator/contract/stoppedLocalAzure";
import { ownKeys, readSettings } from "./readSettings";
import type { Settings } from "./settings";
import type { SettingError, Source } from "./settingsReader";

/** All errors in one message: key, value, rule, remedy. */
export function errorMessage(stack: string, errors: readonly SettingError[]): string {
  const count = errors.length === 1 ? "one error" : `${errors.length} errors`;
  const lines = errors.map(
    ({ key, value, rule, remedy }) => `  ${key} = ${JSON.stringify(value)}: ${rule}\n    To fix: ${remedy}`,
  );
  return `The configuration of stack "${stack}" has ${count}; nothing was changed.\n${lines.join("\n")}`;
}

/** An error without a stack trace: rendering one can take the host many seconds. */
function runError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  delete error.stack;
  return error;
}

/** The settings of this stack. Throws pulumi.RunError with every error at once. */
export async function loadSettings(env: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const own = new pulumi.Config();
  const azure = new pulumi.Config("azure-native");
  const source: Source = (key) => (key === "azure-native:location" ? azure.get("location") : own.get(key));
  const settings = readSettings(source, env, ownKeys(pulumi.runtime.allConfig(), pulumi.getProject()));
  if (!("cloud" in settings)) throw runError(errorMessage(pulumi.getStack(), settings));
  const stopped = await stoppedLocalAzure(env);
  if (stopped !== undefined) throw runError(stopped);
  return settings;
}
