import { readFileSync, writeFileSync } from "node:fs";
import { keptDataTable } from "../connector/database/tables/kept-data.ts";
import { packageRoot } from "../connector/package-root.ts";

// Generates the table of docs/privacy.md from the register that `privacy report` counts.
const file = `${packageRoot}docs/privacy.md`;
const text = readFileSync(file, "utf8");
const made = `<!-- kept -->\n\n${keptDataTable()}\n\n<!-- end of kept -->`;
writeFileSync(
  file,
  text.replace(/<!-- kept -->[\s\S]*<!-- end of kept -->/, () => made),
);
