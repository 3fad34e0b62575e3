#!/usr/bin/env node
import module from "node:module";
import { packageRoot } from "./package-root.ts";

// Node 22.8 and newer keep what V8 compiles (in NODE_COMPILE_CACHE, where that is set). Elsewhere than beside the code
// another user could put something into it; where it cannot be written, nothing is kept and nothing is said.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(`${packageRoot}dist/compile-cache`);
await import("./main.ts");
