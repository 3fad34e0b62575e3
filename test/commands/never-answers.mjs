// Preloaded into the bin: a call that never comes back, and nothing else to wait for.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

fs.promises.lstat = () => new Promise(() => {});
syncBuiltinESMExports();
