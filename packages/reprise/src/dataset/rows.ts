// The source whose rows are in memory.
import { isInteger } from '../options.js';
import { ended, type Identity, readState, type Sequence } from './sequence.js';

/** Rows of an array, which nobody may change any more; `identity` says what they are. */
export function rowsSequence<T>(rows: readonly T[], identity: Identity): Sequence<T> {
  return {
    identity,
    length: rows.length,
    pick: async (indices) => Array.from(indices, (index) => rows[index] as T),
    open(state) {
      let { at } = readState<{ at: number }>(state, { at: isInteger(0, rows.length) }) ?? { at: 0 };
      return {
        async next() {
          return at < rows.length ? { done: false, value: rows[at++] as T } : ended;
        },
        state: () => ({ at }),
        close: async () => undefined,
      };
    },
  };
}
