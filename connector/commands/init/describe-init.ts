import { describeStarterFile, type StarterFile } from "../mapping/starter-files.ts";
import { table } from "../terminal/table.ts";
import type { FirstFile } from "./first-files.ts";

/** A command that comes after `init`, as it is called here, and what it does. */
interface Step {
  call: string;
  does: string;
}

/** Returns the lines that tell what was found and written, and what comes next. */
export function describeInit({
  rows,
  files,
  starters,
  next,
}: {
  rows: readonly (readonly [string, string])[];
  files: readonly FirstFile[];
  starters: readonly StarterFile[];
  next: readonly Step[];
}): string[] {
  const steps = next.map(({ call, does }) => [`  ${call}`, does]);
  return [
    ...table(rows, { heads: false }),
    "",
    ...files.map(describeFirstFile),
    ...starters.flatMap(describeStarterFile),
    "",
    "Next:",
    ...table(steps, { heads: false }),
  ];
}

function describeFirstFile({ file, action, remark }: FirstFile): string {
  const done = { written: "written", extended: "lines added", unchanged: "already as it should be" }[action];
  return `${file}: ${done}${remark === "" ? "" : `, ${remark}`}`;
}

/** Returns the commands that come after `init`. */
export function nextSteps(
  config: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Step[] {
  // npx sets this variable; without npx the program is on the PATH.
  const program = environment["npm_command"] === "exec" ? "npx pipedrive-planhat" : "pipedrive-planhat";
  const usual = environment["PIPEDRIVE_PLANHAT_CONFIG"] ?? "config.yaml";
  const where = config === usual ? "" : ` --config ${/^[\w./-]+$/.test(config) ? config : `'${config}'`}`;
  return [
    { call: `${program} plan${where}`, does: "what a first sync would do; it writes nothing" },
    { call: `${program} sync${where}`, does: "the first sync: everything once, then only what changed" },
  ];
}
