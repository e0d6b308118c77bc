import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { commandHelp } from "../command_line/command_help.ts";

/**
 * Prints a script by which bash or zsh complete commands and their options behind `deno task`.
 *
 * @param args what stands behind `completions`: `bash` or `zsh`
 * @param usage of all commands
 * @param commands their names
 * @param out where to write
 * @returns the exit code
 */
export function completionsCommand(
  args: readonly string[],
  usage: string,
  commands: readonly string[],
  out: CommandOutput,
): number {
  const [shell, ...others] = args;
  if (!["bash", "zsh"].includes(shell ?? "") || others.length > 0) {
    throw userError(
      new RangeError(
        `Cannot complete for ${
          shell ?? "no shell"
        }: expected bash or zsh, such as eval "$(deno task -q completions bash)"`,
      ),
    );
  }
  // zsh runs scripts of bash once it is told to.
  if (shell === "zsh") out.print("autoload -U +X bashcompinit && bashcompinit");
  out.print(completionScript(usage, commands));
  return 0;
}

/**
 * The script: command names behind `deno task`, options where a word begins with a dash, and files elsewhere.
 *
 * @param usage of all commands
 * @param commands their names
 * @returns a script for bash
 */
export function completionScript(usage: string, commands: readonly string[]): string {
  const cases = commands.map((name) => {
    const flags = new Set(commandHelp(usage, name)?.match(/(?<=[\s([,;])--[a-z][a-z-]*/g) ?? []);
    return `    ${name}) options="${[...flags].join(" ")} --help" ;;`;
  });
  return `_seamstress() {
  local word="\${COMP_WORDS[COMP_CWORD]}" options=""
  COMPREPLY=()
  [ "\${COMP_WORDS[1]}" = task ] || return
  if [ "$COMP_CWORD" = 2 ]; then
    COMPREPLY=($(compgen -W "${commands.join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[2]}" in
${cases.join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
  esac
}
complete -o default -F _seamstress deno`;
}
