// The options of a command as a table, their reading by node:util's parseArgs, and the reading of
// the values: numbers, lists of ids. Only the form is checked here, ranges by the package.
import { parseArgs } from 'node:util';

import { UsageError } from './failure.js';

/** One option. `value` names its value in the help; without it the option is a switch. */
export interface OptionSpec {
  readonly help: string;
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** What parseArgs gives by name. */
type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** The options given on the command line, by name, and the words beside them. */
export class Arguments {
  readonly words: readonly string[];
  readonly #values: Values;

  constructor(values: Values, words: readonly string[]) {
    this.#values = values;
    this.words = words;
  }

  /** Refuses words beside the options; the hint says where such a word belongs. */
  refuseWords(hint = ''): void {
    const [word] = this.words;
    if (word !== undefined) {
      throw new UsageError(`expected options only, found ${quoted(word)}${hint}`);
    }
  }
  flag(name: string): boolean {
    return this.#values[name] === true;
  }
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }
  texts(name: string): string[] | undefined {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : undefined;
  }
  integer(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : integerOf(value, `--${name}`);
  }
  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : numberOf(value, `--${name}`);
  }
  ids(name: string): number[] | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : idsOf(value, `--${name}`);
  }
}

/** Reads the words after the command's name. */
export function readArguments(words: readonly string[], table: OptionTable): Arguments {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
        ...(multiple === undefined ? {} : { multiple }),
      },
    ]),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: joinDashedValues(words, table), options, allowPositionals: true, tokens: true,
    });
    const given = new Set<string>();
    for (const token of tokens) {
      if (token.kind !== 'option' || token.value === undefined) continue;
      const name = `--${token.name}`;
      if (given.has(name) && table[token.name]?.multiple !== true) {
        throw new UsageError(`${name} was given more than once`, name);
      }
      given.add(name);
    }
    return new Arguments(values, positionals);
  } catch (error) {
    throw usageErrorOf(error);
  }
}

// parseArgs takes no value that begins with a dash from the next word; numbers and prompts may.
// Such a word is the value unless it is itself an option of the command.
function joinDashedValues(words: readonly string[], table: OptionTable): string[] {
  const isOption = (word: string): boolean =>
    word === '--' ||
    Object.hasOwn(table, word.replace(/^--/, '').replace(/=.*/s, '')) ||
    Object.values(table).some(({ short }) => short !== undefined && word === `-${short}`);
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    if (word === '--') return [...joined, ...words.slice(i)];
    const takesValue = word.startsWith('--') && table[word.slice(2)]?.value !== undefined;
    if (takesValue && next !== undefined && /^-./s.test(next) && !isOption(next)) {
      joined.push(`${word}=${next}`);
      i++;
    } else {
      joined.push(word);
    }
  }
  return joined;
}

function usageErrorOf(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!code.startsWith('ERR_PARSE_ARGS_')) return error;
  const message = (error as Error).message;
  const name = /'(?:-\w, )?(--?[^' ]*)/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return new UsageError(`unknown option ${name}`, name);
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return new UsageError(
        /does not take/.test(message) ? `${name} takes no value` : `${name} needs a value`, name);
    default:
      return new UsageError(message.split('. ')[0] as string);
  }
}

/** A whole number ≥ 0 that a double holds exactly. */
export function integerOf(text: string, argument: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new UsageError(
      `${argument}: expected a whole number from 0 to 2^53 - 1, found ${quoted(text)}`, argument);
  }
  return number;
}

/** A finite decimal number. */
export function numberOf(text: string, argument: string): number {
  const number = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(number)) {
    throw new UsageError(`${argument}: expected a number, found ${quoted(text)}`, argument);
  }
  return number;
}

/** Token ids between commas or spaces, with or without the brackets of a JSON array. */
export function idsOf(text: string, argument: string): number[] {
  const inner = text
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .trim();
  if (inner === '') return [];
  return inner.split(/\s*,\s*|\s+/).map((word, i) => {
    const id = Number(word);
    if (!/^\d+$/.test(word) || id > 0x7fffffff) {
      throw new UsageError(
        `${argument}: expected token ids such as 1,2,3, found ${quoted(word)} as number ${i + 1}`,
        argument);
    }
    return id;
  });
}

/** A value in a message: on one line, and not longer than a line. */
export function quoted(text: string): string {
  const characters = [...text.slice(0, 200)];
  return JSON.stringify(
    characters.length > 60 || text.length > 200 ? `${characters.slice(0, 60).join('')}…` : text);
}
