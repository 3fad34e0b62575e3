import { packageRoot } from "../connector/package-root.ts";
import { bundle } from "./bundle.ts";
import { bundleConsole } from "./console.ts";
import { makeNewData } from "./new-data.ts";

// What `make build` and `npm run build` do: dist/, whole.
await makeNewData();
await Promise.all([bundle(`${packageRoot}dist`), bundleConsole(`${packageRoot}dist/console`)]);
