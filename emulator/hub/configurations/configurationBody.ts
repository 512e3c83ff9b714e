import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { countMatches } from "../queries/countMatches";
import { type ConfigurationContent, checkContent, kindOf } from "./configurationContent";
import type { Configuration, ConfigurationDraft } from "./configurationStore";
import { conditionText, readMetric, readTarget } from "./targetCondition";

/** Measured on Azure (mwalser/terraform-provider-iothub); the documentation has more characters, which Azure refuses. */
const ID = /^[a-z0-9\-+%_*!']{1,128}$/;
/** Most custom metrics of a configuration, as above. */
const METRIC_LIMIT = 5;

type Queries = Readonly<Record<string, string>>;
type Dependencies = Pick<HubDependencies, "configurations" | "identities" | "modules" | "twins" | "jobs">;

interface ConfigurationBody {
  readonly id?: string | null;
  readonly schemaVersion?: string | null;
  readonly labels?: Queries | null;
  readonly content: ConfigurationContent;
  readonly targetCondition?: string | null;
  readonly priority?: number | null;
  readonly metrics?: { readonly queries?: Queries | null } | null;
}

/** Returns a content without the parts that are null. */
const givenPart = ({ deviceContent, moduleContent, modulesContent }: ConfigurationContent): ConfigurationContent =>
  deviceContent ? { deviceContent } : moduleContent ? { moduleContent } : { modulesContent };

/** Reads the body of a configuration. Throws ArgumentInvalid or the error of the part. */
export function readConfiguration(request: unknown, id: string): ConfigurationDraft {
  const body = readBody<ConfigurationBody>(request, "hub.configuration");
  if (!ID.test(id)) throw hubError("ArgumentInvalid", `${JSON.stringify(id)} is not a valid ID: lower case, up to 128`);
  if (body.id && body.id !== id) throw hubError("ArgumentInvalid", "id in the body is not that of the path");
  checkContent(body.content);
  const targetCondition = body.targetCondition ?? "";
  readTarget(targetCondition);
  const queries = body.metrics?.queries ?? {};
  if (Object.keys(queries).length > METRIC_LIMIT) {
    throw hubError("InvalidConfigurationCustomMetricsQuery", `a configuration has at most ${METRIC_LIMIT} metrics`);
  }
  for (const [name, text] of Object.entries(queries)) readMetric(name, text);
  return {
    id,
    schemaVersion: body.schemaVersion ?? "1.0",
    labels: body.labels ?? undefined,
    content: givenPart(body.content),
    targetCondition,
    priority: body.priority ?? 0,
    queries,
  };
}

/** The queries of the system's metrics, as the portal and az run them. */
function systemQueries({ id, content, targetCondition }: Configuration): Queries {
  const condition = conditionText(targetCondition);
  const isEdge = kindOf(content) === "edge";
  const [list, from] =
    kindOf(content) === "module" ? ["deviceId, moduleId", "devices.modules"] : ["deviceId", "devices"];
  const targeted = [isEdge && "capabilities.iotEdge = true", condition !== "" && condition !== "*" && `(${condition})`];
  const where = targeted.filter((part) => part !== false).join(" AND ");
  const select = `SELECT ${list} FROM ${from}`;
  const agent = `SELECT deviceId FROM devices.modules WHERE moduleId = '$edgeAgent' AND configurations.[[${id}]].status = 'Applied' AND properties.desired.$version = properties.reported.lastDesiredVersion`;
  return {
    targetedCount: where === "" ? select : `${select} WHERE ${where}`,
    appliedCount: `${select} WHERE configurations.[[${id}]].status = 'Applied'`,
    ...(isEdge && {
      reportedSuccessfulCount: `${agent} AND properties.reported.lastDesiredStatus.code = 200`,
      reportedFailedCount: `${agent} AND properties.reported.lastDesiredStatus.code != 200`,
    }),
  };
}

/** Returns how many documents each query has, by its text. */
async function countAll(
  hub: string,
  texts: ReadonlySet<string>,
  deps: Dependencies,
): Promise<ReadonlyMap<string, number>> {
  const known = [...texts];
  const queries = known.map((text) => readMetric("metric", text));
  const counts = await countMatches(hub, queries, deps);
  return new Map(known.map((text, index) => [text, counts[index] ?? 0]));
}

/** Configurations as the service API writes them, with their metrics. All of them together read the hub's twins once. */
export async function wireConfigurations(
  hub: string,
  configurations: readonly Configuration[],
  deps: Dependencies,
): Promise<object[]> {
  const read = configurations.map((configuration) => ({ configuration, system: systemQueries(configuration) }));
  const texts = read.flatMap(({ configuration, system: { targetedCount, appliedCount, ...reported } }) => [
    ...Object.values(reported),
    ...Object.values(configuration.queries),
  ]);
  const counts = await countAll(hub, new Set(texts), deps);
  const results = (queries: Queries) =>
    Object.fromEntries(Object.entries(queries).map(([name, text]) => [name, counts.get(text) ?? 0]));
  return read.map(({ configuration, system }) => {
    const { id, schemaVersion, labels, content, targetCondition, created, updated, priority, queries, etag } =
      configuration;
    const { targetedCount, appliedCount, ...reported } = system;
    const of = kindOf(content) === "module" ? "modules" : "devices";
    const { targeted, applied } = deps.configurations.count(hub, id, of);
    return {
      id,
      schemaVersion,
      labels,
      content,
      targetCondition,
      createdTimeUtc: created,
      lastUpdatedTimeUtc: updated,
      priority,
      systemMetrics: {
        results: { targetedCount: targeted, appliedCount: applied, ...results(reported) },
        queries: { targetedCount, appliedCount, ...reported },
      },
      metrics: { results: results(queries), queries },
      etag,
    };
  });
}
