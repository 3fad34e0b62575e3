import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { packageRoot } from "../package-root.ts";

/** A file of the page, ready to be sent. */
export interface PageFile {
  bytes: Buffer;
  type: string;
  /** True if its name contains a hash of its content, so that it never changes. */
  isFixed: boolean;
  /** Returns the bytes as a browser takes them, by its `accept-encoding`; made once. Undefined if it takes no other. */
  packed(accepted: string | undefined): Promise<PackedFile> | undefined;
}

/** The bytes of a file in an encoding of HTTP. */
export interface PackedFile {
  bytes: Buffer;
  encoding: "br" | "gzip";
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
      const found = { bytes, type, isFixed: /[.-][A-Za-z0-9_-]{8,}\.\w+$/.test(file), packed: packer(bytes, type) };
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

/** Brotli's quality: the best takes twice the time for two parts of a hundred. */
const quality = 10;

const byBrotli = promisify(brotliCompress);
const byGzip = promisify(gzip);

/** Packs texts when they are first asked for. What a page shows of people is never packed, only its own files. */
function packer(bytes: Buffer, type: string): PageFile["packed"] {
  const made = new Map<PackedFile["encoding"], Promise<PackedFile>>();
  return (accepted = "") => {
    const encoding = /\bbr\b/.test(accepted) ? "br" : /\bgzip\b/.test(accepted) ? "gzip" : undefined;
    if (encoding === undefined || !/text|json|svg/.test(type)) return undefined;
    const known = made.get(encoding);
    if (known !== undefined) return known;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
    const packing = encoding === "br" ? byBrotli(bytes, { params }) : byGzip(bytes);
    const packed = packing.then((short): PackedFile => ({ bytes: short, encoding }));
    made.set(encoding, packed);
    return packed;
  };
}
