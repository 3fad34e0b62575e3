#!/usr/bin/env node
import module from "node:module";
import { fileURLToPath } from "node:url";

// Node 22.8 and newer save what V8 compiles (in NODE_COMPILE_CACHE, if set). The folder is beside the code: elsewhere
// another user could put code into it. If it is not writable, nothing is saved, without a message.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(fileURLToPath(new URL("compile-cache", import.meta.url)));
void import("./main.ts");
