import { GRAPH_HOST } from "../../../azure/hosts";
import type { Request, Response } from "../../kernel/operation";
import type { GraphDependencies } from "../graphDependencies";
import { notEmulated } from "../graphErrors";

const HEADERS = { "content-type": "application/json;odata.metadata=minimal;charset=utf-8", "odata-version": "4.0" };

/** 200 with a body; `context` is its type, below `$metadata#`. */
export function graphResponse(context: string, body: Readonly<Record<string, unknown>>): Response {
  const head = { "@odata.context": `https://${GRAPH_HOST}/v1.0/$metadata#${context}` };
  return { status: 200, headers: HEADERS, body: { ...head, ...body } };
}

/** Throws 501 for query options that change the response and are not supported. */
export function refuseOptions(request: Request, deps: GraphDependencies, supported: readonly string[] = []): void {
  const others = [...request.query.keys()].filter((name) => name.startsWith("$") && !supported.includes(name));
  if (others.length > 0) throw notEmulated(request, deps, `the option ${others.join(", ")}`);
}
