import type { CommandNode, Values } from "./command-tree.ts";

/** Returns the cases by which a shell script of bash's or zsh's syntax knows the commands. */
export function shellTables(nodes: readonly CommandNode[]): {
  paths: string;
  valueFlags: string;
  optionValues: string;
  argumentValues: string;
} {
  const flags = nodes
    .flatMap(({ options }) => options.filter(({ takesValue }) => takesValue))
    .flatMap((one) => one.flags);
  const optionValues = nodes.flatMap(({ path, options }) =>
    options.flatMap((one) =>
      one.flags.flatMap((flag) =>
        one.values === undefined ? [] : [`${shellQuoted(`${path}|${flag}`)}) ${reply(one.values)} ;;`],
      ),
    ),
  );
  const argumentValues = nodes.flatMap(({ path, arguments: kinds, repeats }) =>
    kinds.flatMap((values, index) => {
      if (values === undefined) return [];
      const position = repeats && index === kinds.length - 1 ? "*" : String(index);
      return [`${shellQuoted(`${path}|`)}${position}) ${reply(values)} ;;`];
    }),
  );
  return {
    paths: nodes.flatMap(({ path }) => (path === "" ? [] : [shellQuoted(path)])).join(" | "),
    valueFlags: [...new Set(flags)].join(" | "),
    optionValues: optionValues.join("\n      "),
    argumentValues: argumentValues.join("\n      "),
  };
}

function reply(values: Exclude<Values, undefined>): string {
  if (typeof values === "string") return `values=@${values}`;
  return `values=${shellQuoted(values.join(" "))}`;
}

/** Quotes a text for a shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns the completion script of bash. It needs no other package. */
export function bashScript(nodes: readonly CommandNode[]): string {
  const { paths, valueFlags, optionValues, argumentValues } = shellTables(nodes);
  const words = nodes.map(
    ({ path, commands }) =>
      `${shellQuoted(path)}) values=${shellQuoted(commands.map(({ name }) => name).join(" "))} ;;`,
  );
  const options = nodes.map(
    (node) =>
      `${shellQuoted(node.path)}) values=${shellQuoted(node.options.flatMap(({ flags }) => flags).join(" "))} ;;`,
  );
  return `# Completion of pipedrive-planhat for bash. Once: source <(pipedrive-planhat completion bash)
# For every shell: pipedrive-planhat completion bash > ~/.local/share/bash-completion/completions/pipedrive-planhat
_pipedrive_planhat() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' position=0 option='' config='' values='' i word next
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # Bash cuts --option=value into three words.
    [[ $word == = ]] && continue
    if [[ -n $option ]]; then
      [[ $option == --config ]] && config="$word"
      option=''
      continue
    fi
    case "$word" in
      ${valueFlags}) option="$word" ;;
      -*) ;;
      *)
        next="\${path:+$path }$word"
        case "$next" in
          ${paths}) path="$next" position=0 ;;
          *) position=$((position + 1)) ;;
        esac
        ;;
    esac
  done
  [[ $current == = ]] && current=''
  if [[ -n $option ]]; then
    case "$path|$option" in
      ${optionValues}
    esac
  elif [[ $current == -* ]]; then
    case "$path" in
      ${options.join("\n      ")}
    esac
  else
    case "$path" in
      ${words.join("\n      ")}
    esac
    [[ -n $values ]] || case "$path|$position" in
      ${argumentValues}
    esac
  fi
  case "$values" in
    @files) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    @folders) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
    @runs) COMPREPLY=($(compgen -W "last $("\${COMP_WORDS[0]}" runs --json --limit 20 \${config:+--config "$config"} 2> /dev/null |
      grep -o '"run":"[^"]*"' | cut -d '"' -f 4)" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$values" -- "$current")) ;;
  esac
}
complete -F _pipedrive_planhat pipedrive-planhat
`;
}
