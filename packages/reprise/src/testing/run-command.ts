// Runs the real `reprise` command of the built package in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const command = pathOf('../../bin/reprise.js');
export const repository = pathOf('../../../..');
export const storyModel = pathOf('../../../../fixtures/models/stories-260k');
export const tokenizers = pathOf('../../../../fixtures/tokenizers');

export interface Finished {
  /** null where a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** Leave standard input open after that. */
  readonly keepOpen?: boolean;
  /** Called with the process at its first output on stdout. */
  readonly onOutput?: (process: ChildProcess) => void;
  /** Called with the process when it has read `input`, but for what a pipe holds (64 KiB). */
  readonly onInputRead?: (process: ChildProcess) => void;
}

/** Runs `reprise` with these words. */
export function reprise(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [command, ...words], options);
}

/** Runs a line of bash in which `$REPRISE` is the command. */
export function shell(line: string): Promise<Finished> {
  return run('bash', ['-c', line], {}, { REPRISE: `${process.execPath} ${command}` });
}

function run(
  program: string,
  words: readonly string[],
  { input = '', keepOpen = false, onOutput, onInputRead }: RunOptions,
  env: Record<string, string> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env: { ...process.env, ...env } });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => {
      if (stdout.length === 0) onOutput?.(child);
      stdout.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    child.stdin.on('error', () => {}); // A command that refuses its arguments reads nothing.
    child.stdin.write(input, (error) => {
      if (!error) onInputRead?.(child);
    });
    if (!keepOpen) child.stdin.end();
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** A greedy continuation of the story model, made by transformers. */
export interface Generation {
  readonly prompt: string;
  readonly ids: number[];
  readonly greedy: number[];
  readonly text: string;
}

export const generations = (
  JSON.parse(
    readFileSync(pathOf('../../../../fixtures/generations/stories-260k.json'), 'utf8'),
  ) as { cases: Generation[] }
).cases;

/** The first of them: "Once upon a time". */
export const onceUponATime = generations[0] as Generation;
