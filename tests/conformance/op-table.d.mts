import type { Player } from '../../packages/reprise/src/webgpu/player.js';

/** One case: the greatest difference from the reference over the greatest magnitude (null where a
 * result was not a number), the most it may be, and a hash of the result's bits. */
export interface CaseResult {
  readonly name: string;
  readonly op: string;
  readonly error: number | null;
  readonly tolerance: number;
  readonly hash: string;
}

/** The op table of one device. */
export class OpTable {
  static create(player: typeof Player, device: GPUDevice): Promise<OpTable>;
  /** Begins anew; the number of cases. 0 bytes: every case; otherwise those of which a matrix is cut
   * into buffers of so many bytes. */
  open(bindingBytes: number): number;
  /** Runs one case. */
  run(index: number): Promise<CaseResult>;
  /** Buffers alive on the device. */
  bufferCount(): Promise<number>;
  close(): void;
}
