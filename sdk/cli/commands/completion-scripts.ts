import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Completed {
  name: string;
  description: string;
  flags: { long: string; short: string | undefined; takesFile: boolean; takesValue: boolean; description: string }[];
  /** Values of its first argument. */
  choices: readonly string[];
}

const takesFile = (option: Option) => /file|dir/.test(option.flags);

function describe(program: Command): Completed[] {
  const globals = program.options.filter(({ hidden }) => !hidden);
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    flags: [...command.options, ...globals.filter(({ long }) => long !== '--version')].map((option) => ({
      long: option.long!,
      short: option.short,
      takesFile: takesFile(option),
      takesValue: option.required,
      description: option.description,
    })),
  }));
}

/** A script that completes the commands and flags of the program, made from its own definitions. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = describe(program);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

const namesOf = (commands: Completed[]) => commands.map(({ name }) => name).join(' ');
const flagsOf = ({ flags }: Completed) => ['--help', ...flags.map(({ long }) => long)].join(' ');

function bash(commands: Completed[]): string {
  const filesFlags = [...new Set(commands.flatMap(({ flags }) => flags.filter((flag) => flag.takesFile)))];
  const files = [...new Set(filesFlags.map(({ long }) => long))].join('|');
  return `_runlight() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)} --help --version" -- "$word"))
    return
  fi
  case "$before" in
    ${files}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$command" in
${commands
  .map(
    (command) =>
      `    ${command.name}) COMPREPLY=($(compgen -W "${[...command.choices, flagsOf(command)].join(' ')}" -- "$word")) ;;`,
  )
  .join('\n')}
  esac
}
complete -F _runlight runlight
`;
}

function zsh(commands: Completed[]): string {
  const text = (value: string) => value.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, String.raw`\$&`);
  const flag = ({ long, takesFile, takesValue, description }: Completed['flags'][number]) =>
    `'${long}[${text(description)}]${takesFile ? ':file:_files' : takesValue ? ':value: ' : ''}'`;
  return `#compdef runlight
_runlight() {
  local -a commands=(
${commands.map(({ name, description }) => `    '${name}:${text(description)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "$words[2]" in
${commands
  .map((command) => {
    const choices = command.choices.length > 0 ? [`'2:value:(${command.choices.join(' ')})'`] : [];
    const parts = ["'--help[show help]'", ...command.flags.map(flag), ...choices];
    return `    ${command.name}) _arguments ${parts.join(' ')} ;;`;
  })
  .join('\n')}
  esac
}
if [ "$funcstack[1]" = "_runlight" ]; then
  _runlight "$@"
else
  compdef _runlight runlight
fi
`;
}

function fish(commands: Completed[]): string {
  const text = (value: string) => value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const lines = commands.flatMap(({ name, description, flags, choices }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c runlight -n __fish_use_subcommand -f -a ${name} -d '${text(description)}'`,
      ...(choices.length > 0 ? [`complete -c runlight ${when} -f -a '${choices.join(' ')}'`] : []),
      ...flags.map(
        ({ long, short, takesFile, takesValue, description: what }) =>
          `complete -c runlight ${when} -l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ''}${
            takesFile ? ' -r -F' : takesValue ? ' -x' : ' -f'
          } -d '${text(what)}'`,
      ),
    ];
  });
  return `complete -c runlight -f\n${lines.join('\n')}\n`;
}
