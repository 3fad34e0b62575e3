import { instantOf } from "../day.ts";
import { rejected, shown } from "../outcome.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `datetime`: an instant in UTC. */
export const datetime: Transform = {
  name: "datetime",
  description:
    "The instant in UTC, `YYYY-MM-DDTHH:MM:SSZ`. A text without a time zone is UTC, a bare day is its midnight in UTC.",
  examples: [
    { input: "2026-01-31 10:00:00", output: "2026-01-31T10:00:00Z" },
    { input: "2026-01-31T23:30:00-02:00", output: "2026-02-01T01:30:00Z" },
    { input: "2026-01-31", output: "2026-01-31T00:00:00Z" },
    { input: "soon", output: { refused: '"soon" is not a valid date and time' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachElement(
        value,
        (element) =>
          (typeof element === "string" ? instantOf(element) : undefined) ??
          rejected(`${shown(element)} is not a valid date and time`),
      ),
  }),
  withoutInverse: "the same instant can be written in many ways",
};
