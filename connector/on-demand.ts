import { createRequire } from "node:module";
import { extname } from "node:path";

const load = createRequire(import.meta.url);
const isBundled = extname(import.meta.url) === ".js";

/**
 * Returns a function that loads a package on its first call: most runs need none of them, and loading all would slow
 * every start. The bundle has each in a file of its own (build/bundle.ts, `onDemand`).
 */
export function onDemand<Module>(name: string): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= load(isBundled ? `./${name}.cjs` : name) as Module;
    return loaded;
  };
}
