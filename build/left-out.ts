import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** A part of a package that nothing here uses, and that every start would load: its file, how it stands there, instead. */
const parts: readonly [file: RegExp, text: RegExp, instead: string][] = [
  // commander starts programs for commands that are files of their own.
  [/commander\/lib\/command\.js$/, /require\('node:child_process'\)/, "{}"],
  // axios can ask by `fetch` too; to look whether Node has it loads all of Node's own client.
  [/axios\/lib\/adapters\/fetch\.js$/, /^.*export const getFetch.*$/s, "export const getFetch = () => undefined;"],
  [/axios\/lib\/utils\.js$/, /(?<=const FormDataCtor = ).*/, "undefined;"],
  // axios takes forms, and what makes them brings 200 KB of media types along.
  [/axios\/lib\/(env|platform\/node)\/classes\/FormData\.js$/, /^.*'form-data'.*$/s, "export default undefined;"],
  // pg asks whether it runs at Cloudflare; up to Node 20 that loads all of Node's own client of HTTP.
  [/pg\/lib\/stream\.js$/, /(?<=function isCloudflareRuntime\(\) )\{.*?\n\}/s, "{ return false; }"],
];

/** An esbuild plugin that leaves those parts out. The bundle fails where one is not there as it was. */
export const leftOut: Plugin = {
  name: "left out",
  setup(build) {
    for (const [filter, text, instead] of parts)
      build.onLoad({ filter }, ({ path }) => {
        const contents = readFileSync(path, "utf8");
        if (!text.test(contents)) return { errors: [{ text: `There is no ${text} any more.` }] };
        return { contents: contents.replace(text, instead), loader: "js" };
      });
  },
};
