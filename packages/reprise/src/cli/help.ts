// The texts of --help, made from the commands' own tables.
import type { OptionTable } from './arguments.js';
import type { Command } from './command.js';

const helpWidth = 80;

/** `reprise --help`. */
export function generalHelp(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]): [string, string] => [
    name,
    summary,
  ]);
  return [
    'Runs small language models, the same bits every time.',
    '',
    'Usage: reprise COMMAND [OPTIONS]',
    '',
    ...columns(rows),
    '',
    '  reprise COMMAND --help   options and examples of a command',
    '  reprise --version        version of the package',
    '',
    'Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 interrupted by Ctrl-C.',
    '',
  ].join('\n');
}

/** `reprise NAME --help`. */
export function commandHelp(name: string, command: Command, options: OptionTable): string {
  const rows = Object.entries(options).map(([option, spec]): [string, string] => {
    const short = spec.short === undefined ? '' : `-${spec.short}, `;
    const value = spec.value === undefined ? '' : ` ${spec.value}`;
    return [`${short}--${option}${value}`, spec.help];
  });
  return [
    `Usage: reprise ${name} ${command.usage}`,
    '',
    ...wrap(command.description, helpWidth),
    '',
    'Options:',
    ...columns(rows),
    '',
    'Examples:',
    ...command.examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]),
    '',
  ].join('\n');
}

function columns(rows: readonly [string, string][]): string[] {
  const left = Math.min(28, Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, helpWidth - left - 4);
    const head = name.length > left ? [`  ${name}`] : [];
    return [
      ...head,
      ...lines.map(
        (line, i) => `  ${(i === 0 && head.length === 0 ? name : '').padEnd(left)}  ${line}`),
    ];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}
