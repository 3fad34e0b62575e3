import { register } from "node:module";

// Loaded before the bin by bench/safety.ts: takes the checks out of it. The program itself has no such switch.
register(new URL("./without-checks-hooks.mjs", import.meta.url));
