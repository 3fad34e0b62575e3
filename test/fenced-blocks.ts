import { readFileSync } from "node:fs";
import { packageRoot } from "../connector/package-root.ts";

/** A fenced block of a page: ```` ```yaml meltano.yml ````. */
export interface FencedBlock {
  language: string;
  /** The text after the language: the file's name. */
  name: string | undefined;
  text: string;
}

/** Returns all fenced blocks of a page of docs/, in order. */
export function fencedBlocks(page: string): FencedBlock[] {
  const text = readFileSync(`${packageRoot}docs/${page}`, "utf8");
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name, body]) => ({
    language: language!,
    name,
    text: body!,
  }));
}
