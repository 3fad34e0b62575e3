import { Failure } from "../../failure.ts";
import { modelNames, tableOf } from "../../model-name.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";

/**
 * Returns the Planhat tables that the words name, each once and in their usual order; all of them without words. A word
 * is a table, with or without its schema, or a model. Throws a Failure of kind `usage` for any other word.
 */
export function exportedTables(words: readonly string[]): string[] {
  const tables = modelNames.map((model) => tableOf[model]);
  const known = new Map(
    modelNames.flatMap((model) => [[model, tableOf[model]] as const, [tableOf[model], tableOf[model]] as const]),
  );
  const chosen = new Set(
    words.map((word) => {
      const name = word
        .toLowerCase()
        .replace(/^planhat\./, "")
        .replace(/[\s_-]/g, "");
      const table = known.get(name);
      if (table !== undefined) return table;
      const near = nearestWord(name, tables);
      throw new Failure("usage", `There is no Planhat table ${word}.`, {
        hint:
          near === undefined ? `The tables are: ${tables.join(", ")}. query reads any other.` : didYouMean(word, near),
      });
    }),
  );
  return words.length === 0 ? tables : tables.filter((table) => chosen.has(table));
}
