import { shellQuoted, shellTables } from "./bash-script.ts";
import type { CommandNode } from "./command-tree.ts";

/** Returns the completion script of zsh, with descriptions. */
export function zshScript(nodes: readonly CommandNode[]): string {
  const { paths, valueFlags, optionValues, argumentValues } = shellTables(nodes);
  const described = (word: string, description: string) => shellQuoted(`${word.replaceAll(":", "\\:")}:${description}`);
  const words = nodes.map(
    ({ path, commands }) =>
      `${shellQuoted(path)}) described=(${commands.map(({ name, description }) => described(name, description)).join(" ")}) ;;`,
  );
  const options = nodes.map((node) => {
    const all = node.options.flatMap(({ flags, description }) => flags.map((flag) => described(flag, description)));
    return `${shellQuoted(node.path)}) described=(${all.join(" ")}) ;;`;
  });
  return `#compdef pipedrive-planhat
# Completion of pipedrive-planhat for zsh. Once: source <(pipedrive-planhat completion zsh)
# For every shell, into a folder of $fpath: pipedrive-planhat completion zsh > "\${fpath[1]}/_pipedrive-planhat"
_pipedrive_planhat() {
  local current="\${words[CURRENT]}" commandPath='' position=0 option='' config='' values='' i word next
  local -a described found
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $option ]]; then
      [[ $option == --config ]] && config="$word"
      option=''
      continue
    fi
    case "$word" in
      ${valueFlags}) option="$word" ;;
      -*) ;;
      *)
        next="\${commandPath:+$commandPath }$word"
        case "$next" in
          ${paths}) commandPath="$next" position=0 ;;
          *) position=$((position + 1)) ;;
        esac
        ;;
    esac
  done
  if [[ -n $option ]]; then
    case "$commandPath|$option" in
      ${optionValues}
    esac
  elif [[ $current == -* ]]; then
    case "$commandPath" in
      ${options.join("\n      ")}
    esac
  else
    case "$commandPath" in
      ${words.join("\n      ")}
    esac
    (( $#described )) || case "$commandPath|$position" in
      ${argumentValues}
    esac
  fi
  if (( $#described )); then
    _describe 'pipedrive-planhat' described
    return
  fi
  case "$values" in
    @files) _files ;;
    @folders) _files -/ ;;
    @runs)
      found=(last \${(f)"$("\${words[1]}" runs --json --limit 20 \${config:+--config} $config 2> /dev/null |
        grep -o '"run":"[^"]*"' | cut -d '"' -f 4)"})
      compadd -a found
      ;;
    *)
      found=(\${(s: :)values})
      compadd -a found
      ;;
  esac
}
if [[ $funcstack[1] == _pipedrive-planhat ]]; then
  _pipedrive_planhat
else
  compdef _pipedrive_planhat pipedrive-planhat
fi
`;
}
