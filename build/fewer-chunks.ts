import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";
import { packageRoot } from "../connector/package-root.ts";

/**
 * To open one more file costs a start as much as to read so many bytes that it does not need: about a millisecond for three
 * files, and for 60 KB (Node 20).
 */
const fileCost = 35_000;

/** Modules that are needed by the same entries, and so come into one chunk. */
interface Group {
  entries: Set<string>;
  bytes: number;
  modules: string[];
  /** Whether all of it is loaded before any command. */
  isFirst: boolean;
}

/**
 * Says what further modules each entry is to import, so that there are fewer chunks: esbuild makes one for each set of
 * entries that share something, and a command would open a hundred. Two sets become one where that saves more openings than
 * it costs bytes. Takes what a bundle without this is made of, and the entry that is always loaded `first`.
 */
export function furtherImports({ inputs }: Metafile, first: string): Map<string, string[]> {
  const isOwn = (file: string) => file.startsWith("connector/");
  const asked = Object.values(inputs).flatMap(({ imports }) => imports.filter(({ kind }) => kind === "dynamic-import"));
  const entries = [...new Set(asked.map(({ path }) => path))].filter(isOwn);
  const reached = new Map<string, Set<string>>();
  for (const entry of entries) {
    const visit = (file: string) => {
      const by = reached.get(file) ?? new Set();
      if (by.has(entry)) return;
      reached.set(file, by.add(entry));
      for (const { path, kind, external } of inputs[file]?.imports ?? [])
        if (kind !== "dynamic-import" && !external) visit(path);
    };
    visit(entry);
  }
  // What every command has loaded before it costs none of them anything.
  const needed = (by: Set<string>) => (by.has(first) ? new Set(entries) : by);
  const groups = new Map<string, Group>();
  for (const [file, by] of reached) {
    if (by.size < 2) continue;
    const all = needed(by);
    const key = [...all].sort().join();
    const group = groups.get(key) ?? { entries: all, bytes: 0, modules: [], isFirst: by.has(first) };
    group.bytes += inputs[file]!.bytes;
    group.modules.push(file);
    groups.set(key, group);
  }
  const further = new Map<string, Set<string>>();
  for (const { entries: all, modules } of merged([...groups.values()]))
    for (const file of modules.filter(isOwn))
      for (const entry of all)
        if (!reached.get(file)!.has(entry)) further.set(entry, (further.get(entry) ?? new Set()).add(file));
  return new Map([...further].map(([entry, files]) => [entry, [...files].sort()]));
}

/** Makes one group of two as long as there are two that gain by it, the best first. */
function merged(groups: Group[]): Group[] {
  for (;;) {
    let best: { gain: number; one: Group; other: Group } | undefined;
    for (const [index, one] of groups.entries())
      for (const other of groups.slice(index + 1)) {
        const gain = gainOf(one, other);
        if (gain > (best?.gain ?? 0)) best = { gain, one, other };
      }
    if (best === undefined) return groups;
    const { one, other } = best;
    groups = groups.filter((group) => group !== one && group !== other);
    groups.push({
      entries: new Set([...one.entries, ...other.entries]),
      bytes: one.bytes + other.bytes,
      modules: [...one.modules, ...other.modules],
      isFirst: false,
    });
  }
}

function gainOf(one: Group, other: Group): number {
  if (one.isFirst || other.isFirst) return 0;
  let both = 0;
  for (const entry of one.entries) if (other.entries.has(entry)) both++;
  const onlyOther = other.entries.size - both;
  const onlyOne = one.entries.size - both;
  return both * fileCost - one.bytes * onlyOther - other.bytes * onlyOne;
}

/** An esbuild plugin: lets entries import further modules. */
export function importFurther(further: ReadonlyMap<string, readonly string[]>): Plugin {
  return {
    name: "further imports",
    setup(build) {
      build.onLoad({ filter: /connector\/.*\.ts$/ }, ({ path }) => {
        const files = further.get(path.slice(packageRoot.length));
        if (files === undefined) return undefined;
        // On the first line, so that the lines keep their numbers.
        const imports = files.map((file) => `import ${JSON.stringify(join(packageRoot, file))};`).join("");
        return { contents: `${imports}${readFileSync(path, "utf8")}`, loader: "ts" };
      });
    },
  };
}
