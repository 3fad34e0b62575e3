import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** The checks, each with its file, its text there, and the replacement for the measurement. */
const checks = [
  // Records against their JSON Schemas.
  ["pipedrive/record-schema.ts", "problemOf: problemBy(schema)", "problemOf: () => undefined"],
  // Texts and numbers that the database cannot hold, in pages and in columns.
  ["pipedrive/unstorable-text.ts", "export function mayHoldUnstorable(text: string): boolean {", "$& return false;"],
  ["pipedrive/unholdable-number.ts", "export function mayHoldOddNumber(text: string): boolean {", "$& return false;"],
  ["storable-text.ts", "export function unstorable(text: string): string | undefined {", "$& return undefined;"],
  ["storable-text.ts", "export function unstorableJson(json: string): string | undefined {", "$& return undefined;"],
  // No other run has taken over, at the end of each transaction.
  [
    "database/fence.ts",
    "export async function holdFence(transaction: Transaction, runId: string): Promise<void> {",
    "$& return;",
  ],
] as const;

/**
 * A plugin that removes the checks from a bundle of bench/safety.ts: the program itself has no such switch. The bundle
 * fails if the text of a check has changed.
 */
export const withoutChecks: Plugin = {
  name: "without checks",
  setup(build) {
    const left = new Set(checks.map(([file]) => file));
    build.onLoad({ filter: /connector\/.*\.ts$/ }, ({ path }) => {
      const here = checks.filter(([file]) => path.endsWith(`/connector/${file}`));
      if (here.length === 0) return undefined;
      let contents = readFileSync(path, "utf8");
      for (const [file, check, instead] of here) {
        if (!contents.includes(check)) return { errors: [{ text: `The check is written otherwise now: ${check}` }] };
        contents = contents.replace(check, instead);
        left.delete(file);
      }
      return { contents, loader: "ts" };
    });
    build.onEnd(() => (left.size === 0 ? {} : { errors: [{ text: `No such file is in the bundle: ${[...left]}` }] }));
  },
};
