import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";

/** One instruction of a Dockerfile: `["COPY", "connector connector"]`. */
export type Instruction = readonly [name: string, rest: string];

/** Returns the instructions of the repository's Dockerfile, each on one line. */
export function readDockerfile(): Instruction[] {
  return readFileSync(`${packageRoot}Dockerfile`, "utf8")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): Instruction => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no instruction: ${line}`);
      return [name, rest!];
    });
}

/** One stage of an image as built. */
export interface BuiltImage {
  /** The folder that represents `/`. */
  root: string;
  /** The working folder in it. */
  workdir: string;
  environment: Record<string, string>;
  user: string | undefined;
  entrypoint: string[];
  labels: Record<string, string>;
}

/**
 * Builds an image like `docker build`, without containers: each stage is a folder under `folder`, that of the stage on
 * which it stands if there is one. Files come from `context`, which must hold the files that .dockerignore admits.
 * `stand` executes a replacement for a RUN that cannot run here, and returns true if it did. Returns the stages by
 * their names; `last` is the image that is built without a target.
 */
export function buildImage(
  folder: string,
  context: string,
  stand: (command: string, workdir: string) => boolean,
): ReadonlyMap<string, BuiltImage> {
  const stages = new Map<string, BuiltImage>();
  let stage: BuiltImage | undefined;
  for (const [name, rest] of readDockerfile()) {
    if (name === "ARG") continue;
    if (name === "FROM") {
      const alias = / AS (\w+)$/.exec(rest)?.[1] ?? "last";
      const base = stages.get(rest.split(" ")[0]!);
      if (base === undefined) mkdirSync(join(folder, alias));
      stage =
        base === undefined
          ? { root: join(folder, alias), workdir: "/", environment: {}, user: undefined, entrypoint: [], labels: {} }
          : { ...base, environment: { ...base.environment }, labels: { ...base.labels } };
      stages.set(alias, stage);
      continue;
    }
    const image = stage!;
    const here = join(image.root, image.workdir);
    if (name === "WORKDIR") {
      image.workdir = rest;
      mkdirSync(join(image.root, rest), { recursive: true });
    } else if (name === "COPY") copy(rest, here, context, stages);
    else if (name === "RUN") {
      if (!stand(rest, here)) run(rest, here, image.environment);
    } else if (name === "ENV" || name === "LABEL") {
      const [, key, value] = /^([\w.]+)="?(.*?)"?$/.exec(rest)!;
      (name === "ENV" ? image.environment : image.labels)[key!] = value!;
    } else if (name === "USER") image.user = rest;
    else if (name === "ENTRYPOINT") image.entrypoint = JSON.parse(rest) as string[];
    else throw new Error(`the test does not know ${name}`);
  }
  return stages;
}

function copy(rest: string, here: string, context: string, stages: ReadonlyMap<string, BuiltImage>): void {
  const words = rest.split(/\s+/);
  const from = words[0]!.startsWith("--from=") ? stages.get(words.shift()!.slice("--from=".length))!.root : context;
  const target = words.pop()!;
  for (const source of words) {
    const path = join(from, source);
    if (!existsSync(path)) throw new Error(`COPY ${source}: it is not in the build's context (.dockerignore?)`);
    const to = target.endsWith("/") ? join(here, target, source) : join(here, target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(path, to, { recursive: true, verbatimSymlinks: true });
  }
}

function run(command: string, cwd: string, environment: Record<string, string>): void {
  const { status, stderr, stdout } = spawnSync("sh", ["-c", command], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...environment },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`RUN ${command} failed (${status}): ${stderr}${stdout}`);
}
