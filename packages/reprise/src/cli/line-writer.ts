// Lines gathered to pieces, since one write a line would cost more than the work itself.
import type { Output } from './output.js';

const pieceUnits = 64 * 1024;

export class LineWriter {
  readonly #out: Output;
  #lines: string[] = [];
  #units = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  async add(line: string): Promise<void> {
    this.#lines.push(line);
    this.#units += line.length;
    if (this.#units >= pieceUnits) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const piece = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#units = 0;
    await this.#out.write(piece);
  }
}
