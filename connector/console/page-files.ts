import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";
import { packageRoot } from "../package-root.ts";

/** A file of the page, ready to be sent. */
export interface PageFile {
  bytes: Buffer;
  type: string;
  /** True if its name contains a hash of its content, so that it never changes. */
  isFixed: boolean;
}

/** The files of the built page. */
export interface PageFiles {
  /** Returns a file below the folder; undefined if there is none. */
  asset(path: string): PageFile | undefined;
  /** Returns the page's document for a base path and a nonce; undefined if the page was not built. */
  document(basePath: string, nonce: string): string | undefined;
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

/** Bytes of all files that are held in memory: the page has some hundred kilobytes. */
const mostHeld = 8_000_000;

/** Reads the built page in a folder; each file is read when it is first asked for. */
export function pageFiles(folder = `${packageRoot}dist/console`): PageFiles {
  const held = new Map<string, PageFile>();
  let bytesHeld = 0;
  return {
    asset(path) {
      const known = held.get(path);
      if (known !== undefined) return known;
      const file = join(folder, normalize(path));
      const type = types[extname(file).toLowerCase()];
      if (!file.startsWith(`${normalize(folder)}${sep}`) || type === undefined) return undefined;
      if (!existsSync(file) || !statSync(file).isFile()) return undefined;
      const bytes = readFileSync(file);
      const found = { bytes, type, isFixed: /[.-][A-Za-z0-9_-]{8,}\.\w+$/.test(file) };
      if (bytesHeld + bytes.length <= mostHeld) {
        held.set(path, found);
        bytesHeld += bytes.length;
      }
      return found;
    },
    document(basePath, nonce) {
      const file = join(folder, "index.html");
      if (!existsSync(file)) return undefined;
      const head = `<base href="${basePath}/"><meta property="csp-nonce" nonce="${nonce}">`;
      const text = readFileSync(file, "utf8").replace(/<base [^>]*>\s*/, "");
      return text.replace(/<head[^>]*>/, (found) => `${found}${head}`);
    },
  };
}
