import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { isObject, type JsonObject } from "../../azure/wire/jsonObject";

/** The checkout. */
const ROOT = resolve(__dirname, "..", "..");

/** A shell script inside a pipeline's definition. */
export interface PipelineScript {
  /** Below the checkout. */
  readonly file: string;
  /** The step's name, or what of its definition names it. */
  readonly step: string;
  readonly text: string;
}

/** Keys whose text is run by a shell, in any of the three dialects. */
const SHELL_KEYS = new Set(["run", "bash", "inlineScript"]);
/** Keys whose list is run by a shell, line by line (GitLab). */
const SHELL_LISTS = new Set(["script", "before_script", "after_script"]);

/** The definitions of pipelines, below the checkout. */
export function pipelineFiles(): readonly string[] {
  const within = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
  return [...within(".github/workflows"), ".github/actions/ready/action.yml", ...within("examples/ci")].sort();
}

/** A definition as plain data. */
export const pipeline = (file: string): JsonObject => parse(readFileSync(join(ROOT, file), "utf8")) as JsonObject;

/** All scripts of a definition, in their order. */
export function scriptsOf(file: string): readonly PipelineScript[] {
  const found: PipelineScript[] = [];
  const walk = (node: unknown, step: string): void => {
    if (Array.isArray(node)) for (const each of node) walk(each, step);
    if (!isObject(node)) return;
    const named = String(node.displayName ?? node.name ?? step);
    for (const [key, value] of Object.entries(node)) {
      if (SHELL_KEYS.has(key) && typeof value === "string") found.push({ file, step: named, text: value });
      else if (SHELL_LISTS.has(key) && Array.isArray(value))
        found.push({ file, step: key === "script" ? step : `${step}: ${key}`, text: value.join("\n") });
      else walk(value, isObject(value) && key !== "inputs" ? key : named);
    }
  };
  walk(pipeline(file), file);
  return found;
}

/** The script of a step, by the step's name. */
export function scriptOf(file: string, step: string): string {
  const found = scriptsOf(file).filter((script) => script.step === step);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new TypeError(`${file} has ${found.length} steps "${step}"`);
  return only.text;
}
