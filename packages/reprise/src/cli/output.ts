// Where the command writes: results to stdout, everything else to stderr. A reader that goes away
// ends the command quietly; a full disk does not.
import { type Progress } from '../index.js';
import { InputError, ReaderGone } from './failure.js';

const redrawMs = 100;

export class Output {
  readonly #quiet: boolean;
  #drawnAt = 0;
  #drawn = false;

  /** quiet: nothing but results and errors. */
  constructor(quiet: boolean) {
    this.#quiet = quiet;
    // Without a listener Node would end the process with a stack; write() reports the error.
    process.stdout.on('error', () => {});
    process.stderr.on('error', () => {});
  }

  /** Writes to stdout and waits until the system has taken it. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    this.clearProgress();
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (!error) return resolve();
        const code = (error as NodeJS.ErrnoException).code;
        const gone = code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
        reject(gone ? new ReaderGone() : new InputError(
          'io', `standard output: could not be written (${code ?? error.message})`));
      });
    });
  }

  /** One JSON document and a line's end. Values that JSON lacks become strings: "NaN". */
  async writeJson(value: unknown): Promise<void> {
    await this.write(`${jsonOf(value)}\n`);
  }

  /** A line about the work, to stderr. */
  note(line: string): void {
    if (this.#quiet) return;
    this.clearProgress();
    process.stderr.write(`${line}\n`);
  }

  /** Lines that also those read who want results and errors alone, to stderr. */
  warn(lines: readonly string[]): void {
    this.clearProgress();
    process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Draws how far the work is, on a terminal only. */
  readonly progress = (progress: Progress): void => {
    if (this.#quiet || !process.stderr.isTTY || progress.phase === 'decode') return;
    const now = Date.now();
    if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#drawn = true;
    process.stderr.write(`\r\x1b[K${progressLine(progress)}`);
  };

  clearProgress(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    process.stderr.write('\r\x1b[K');
  }
}

/** JSON of a value; typed arrays as arrays, values that are not finite as strings. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    return ArrayBuffer.isView(item) ? Array.from(item as unknown as ArrayLike<number>) : item;
  });
}

function progressLine({ phase, done, total, unit, file }: Progress): string {
  const amount = (count: number): string =>
    unit === 'bytes' ? bytesInWords(count) : String(count);
  const share = total === undefined || total === 0 ? '' : ` ${Math.floor((100 * done) / total)} %`;
  const of = total === undefined ? '' : ` of ${amount(total)}`;
  return (
    `${phase}${file === undefined ? '' : ` ${file}`}:${share} ${amount(done)}${of}` +
    (unit === 'bytes' ? '' : ` ${unit}`));
}

/** Bytes in the unit that gives a short number. */
export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
