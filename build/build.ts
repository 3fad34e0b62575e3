import { packageRoot } from "../connector/package-root.ts";
import { bundle } from "./bundle.ts";
import { makeNewData } from "./new-data.ts";

// What `make build` and `npm run build` do: dist/, whole.
await makeNewData();
await bundle(`${packageRoot}dist`);
