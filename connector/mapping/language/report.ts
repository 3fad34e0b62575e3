import type { Problem } from "../../problem.ts";
import type { Place } from "./located.ts";

/** Collects the problems of one file. */
export interface Report {
  error(place: Place, message: string, hint?: string): void;
  warning(place: Place, message: string, hint?: string): void;
}

/** Returns a report that adds each problem to `problems`, under the file's name. */
export function reportTo(problems: Problem[], file: string): Report {
  const add =
    (severity: Problem["severity"]) =>
    ({ line, column }: Place, message: string, hint?: string): void => {
      problems.push({ severity, file, line, column, message, ...(hint === undefined ? {} : { hint }) });
    };
  return { error: add("error"), warning: add("warning") };
}
