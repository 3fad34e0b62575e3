import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Returns a function that loads a package on its first call: most runs need none of them, and loading all would slow
 * every start. Node 20.19 and newer load ES modules this way too.
 */
export function onDemand<Module>(name: string): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= require(name) as Module;
    return loaded;
  };
}
