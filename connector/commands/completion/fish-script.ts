import type { CommandNode, Values } from "./command-tree.ts";

/** Returns the completion script of fish, with descriptions. */
export function fishScript(nodes: readonly CommandNode[]): string {
  const valueFlags = nodes
    .flatMap(({ options }) => options.filter(({ takesValue }) => takesValue))
    .flatMap((one) => one.flags);
  const paths = nodes.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  const lines = nodes.flatMap((node) => [
    ...node.commands.map(({ name, description }) => rule(node.path, `-a ${quoted(name)} -d ${quoted(description)}`, 0)),
    ...node.options.map((option) => rule(node.path, optionRule(option))),
    ...node.arguments.flatMap((values, index) => {
      const last = node.repeats && index === node.arguments.length - 1;
      if (values === undefined) return [];
      return [rule(node.path, values === "files" ? "-F" : `-a ${valuesText(values)}`, last ? undefined : index)];
    }),
  ]);
  return `# Completion of pipedrive-planhat for fish. Once: pipedrive-planhat completion fish | source
# For every shell: pipedrive-planhat completion fish > ~/.config/fish/completions/pipedrive-planhat.fish
function __pipedrive_planhat_at --argument-names wanted wantedPosition
    set -l path ''
    set -l position 0
    set -l option ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
            continue
        end
        if contains -- $word ${[...new Set(valueFlags)].join(" ")}
            set option $word
        else if not string match -q -- '-*' $word
            set -l next (string trim -- "$path $word")
            if contains -- $next ${paths.join(" ")}
                set path $next
                set position 0
            else
                set position (math $position + 1)
            end
        end
    end
    test "$path" = "$wanted"; and begin
        test -z "$wantedPosition"; or test "$position" = "$wantedPosition"
    end
end
function __pipedrive_planhat_runs
    echo last
    set -l words (commandline -opc)
    set -l config (string match -r -g -- '--config[= ](\\S+)' "$words")
    set -l where
    test -n "$config"; and set where --config $config
    $words[1] runs --json --limit 20 $where 2>/dev/null | string match -r -a -g '"run":"([^"]*)"'
end
complete -c pipedrive-planhat -e
complete -c pipedrive-planhat -f
${lines.join("\n")}
`;
}

function rule(path: string, what: string, position?: number): string {
  const at = position === undefined ? "" : ` ${position}`;
  return `complete -c pipedrive-planhat -n ${quoted(`__pipedrive_planhat_at ${quoted(path)}${at}`)} ${what}`;
}

function optionRule({ flags, description, values, takesValue }: CommandNode["options"][number]): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = !takesValue
    ? ""
    : values === "files"
      ? " -r -F"
      : ` -x${values === undefined ? "" : ` -a ${valuesText(values)}`}`;
  return `${names.join(" ")}${value} -d ${quoted(description)}`;
}

function valuesText(values: Exclude<Values, undefined>): string {
  if (values === "runs") return quoted("(__pipedrive_planhat_runs)");
  if (values === "files" || values === "folders") return quoted("(__fish_complete_directories)");
  return quoted(values.join(" "));
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
