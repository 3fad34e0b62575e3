import { readFileSync, writeFileSync } from "node:fs";
import { transformReference } from "../connector/mapping/transforms/transform-reference.ts";
import { packageRoot } from "../connector/package-root.ts";

// Generates the reference of the transforms in docs/mapping.md from the examples that run as tests.
const file = `${packageRoot}docs/mapping.md`;
const text = readFileSync(file, "utf8");
const reference = `<!-- transforms -->\n\n${transformReference()}\n\n<!-- end of transforms -->`;
writeFileSync(
  file,
  text.replace(/<!-- transforms -->[\s\S]*<!-- end of transforms -->/, () => reference),
);
