import { fileURLToPath } from "node:url";

/** The folder that holds package.json, schemas/ and mappings/, with a trailing slash: the same from connector/ and from dist/. */
export const packageRoot = fileURLToPath(new URL("../", import.meta.url));
