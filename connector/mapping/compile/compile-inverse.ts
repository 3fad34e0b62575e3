import type { FieldInverse } from "../compiled-mapping.ts";
import type { ChainStep, SendTarget } from "../evaluate/source.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import { transforms } from "../transforms/transforms.ts";
import { EMPTY, type Json, NULL, type Present, present, toValue } from "../value.ts";
import { sentForm } from "./sent-form.ts";

type Change = (value: Present) => Outcome;

/** The inverse of a chain, or the transform that has none. */
export type ChainInverse = { changes: Change[] } | { missing: ChainStep; because: string };

/**
 * Returns the inverses of a chain, from the last transform to the first. A lookup has a limited set of inputs, so it
 * and the transforms after it are inverted together by a table of their results. That gives `[{lookup: …}, uppercase]`
 * an inverse.
 */
export function inverseOf(chain: readonly ChainStep[]): ChainInverse {
  const tableAt = chain.findLastIndex(({ step }) => step.inputs !== undefined);
  const table = tableAt === -1 ? undefined : tableOf(chain.slice(tableAt));
  const changes: Change[] = table === undefined ? [] : [table];
  const single = table === undefined ? chain : chain.slice(0, tableAt);
  for (const link of single.toReversed()) {
    if (link.step.inverse === undefined) {
      return {
        missing: link,
        because: transforms.get(link.name)?.withoutInverse ?? "what it does cannot be taken back",
      };
    }
    changes.push((value) => link.step.inverse!(value));
  }
  return { changes };
}

/** Returns the reverse lookup of results; undefined if two inputs give one result or an input is rejected. */
function tableOf(chain: readonly ChainStep[]): Change | undefined {
  const back = new Map<string, Exclude<Json, null>>();
  const inputs = chain[0]!.step.inputs!;
  for (const input of inputs) {
    let result: Outcome = present(input);
    for (const { step } of chain) if (result.state === "present") result = step.apply(result);
    if (result.state !== "present") return undefined;
    back.set(key(result.value), input);
  }
  if (back.size < inputs.length) return undefined;
  const one = (element: Json) => back.get(key(element));
  return ({ value }) => {
    const whole = one(value);
    if (whole !== undefined) return present(whole);
    const found = Array.isArray(value) ? value.map(one) : [undefined];
    const missing = found.indexOf(undefined);
    return missing === -1
      ? toValue(found as Json[])
      : rejected(`${shown(Array.isArray(value) ? value[missing] : value)} comes of no value in the lookup`);
  };
}

function key(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Compiles the way back of a field: the inverses, then the form that Pipedrive accepts. */
export function compileInverse(changes: readonly Change[], target: SendTarget, type: string | undefined): FieldInverse {
  const encode = sentForm(target, type);
  return {
    key: target.key,
    custom: target.custom,
    ...(target.part === undefined ? {} : { part: target.part }),
    apply: (value) => {
      if (value.state !== "present") return value.state === "null" ? NULL : EMPTY;
      let result: Outcome = value;
      for (const change of changes) {
        if (result.state === "present") result = change(result);
      }
      return result.state === "present" ? encode(result) : result;
    },
  };
}
