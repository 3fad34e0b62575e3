import { readFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";

/** Returns the metrics that a file of deploy/ names, each once, without the endings of a histogram's series. */
export function metricsNamedIn(path: string): string[] {
  const text = readFileSync(`${packageRoot}deploy/${path}`, "utf8");
  const names = [...text.matchAll(/\b(?:pipedrive_planhat|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))].sort();
}

/** Returns the metrics that an answer of `/metrics` describes. */
export function metricsOf(exposition: string): Set<string> {
  return new Set([...exposition.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!));
}
