import type { FieldOption } from "../../account-catalog.ts";
import type { ChainStep, Source } from "../evaluate/source.ts";
import { flow } from "../flow.ts";
import { structureCheck } from "../language/check-structure.ts";
import { definitions } from "../language/document-schema.ts";
import { type Located, listOf, plain } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { transforms } from "../transforms/transforms.ts";
import type { JsonObject } from "../value.ts";
import type { WordBinder } from "../word-binder.ts";
import { standInsOf, unbound } from "./stand-ins.ts";

/** Checks the form only: faults were reported with the rest of the document. */
const isSound = structureCheck(definitions, { error: () => {}, warning: () => {} });

/** The facts about a field that its transforms may use. */
export interface ChainContext {
  sources: readonly Source[];
  options: readonly FieldOption[] | undefined;
  words: WordBinder;
  hashKey: string | undefined;
}

/** Compiles the transforms of a field; undefined if an argument is wrong (reported). Their form was checked before. */
export function compileTransforms(
  located: Located | undefined,
  { sources, options, words, hashKey }: ChainContext,
  report: Report,
): ChainStep[] | undefined {
  const chain: ChainStep[] = [];
  let sound = true;
  for (const item of listOf(located)) {
    if (!isSound(item, { $ref: "#/definitions/transform" }, "transform")) return undefined;
    const written = plain(item);
    const name =
      typeof written === "string" ? written : Object.keys(written as JsonObject).find((key) => transforms.has(key));
    const transform = transforms.get(name ?? "");
    if (transform === undefined) return undefined;
    const settings = typeof written === "string" ? {} : (written as JsonObject);
    const fault = transform.fault?.(settings, { options, hashKey });
    const table =
      fault === undefined ? standInsOf(item, transform.name, { sources, before: chain, words }, report) : unbound;
    if (table === undefined) sound = false;
    else if (fault === undefined) {
      chain.push({
        text: flow(written),
        name: transform.name,
        place: item,
        step: transform.compile(settings, { options, standIns: table.standIns, hashKey }),
        gone: table.gone,
      });
    } else {
      report.error(item, fault);
      sound = false;
    }
  }
  return sound ? chain : undefined;
}
