// Lines gathered to pieces, since one write a line would cost more than the work itself.
import type { Output } from './output.js';

const PIECE_UNITS = 64 * 1024;

export class LineWriter {
  private lines: string[] = [];
  private units = 0;

  constructor(private readonly out: Output) {}

  async add(line: string): Promise<void> {
    this.lines.push(line);
    this.units += line.length;
    if (this.units >= PIECE_UNITS) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    const piece = `${this.lines.join('\n')}\n`;
    this.lines = [];
    this.units = 0;
    await this.out.write(piece);
  }
}
