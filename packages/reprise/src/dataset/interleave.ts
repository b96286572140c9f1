// Several sequences drawn from by weight.
import { type Check, isInteger } from '../options.js';
import { Draws } from './draws.js';
import {
  droppedOf, ended, inner, type JsonValue, readState, type Sequence,
} from './sequence.js';

/** Item n comes from the member in whose share of the weights' sum the n-th number of stream `sample`
 * falls; the end is where the member drawn has none left. Weights: ≥ 0, not all 0. */
export function interleave<T>(
  members: readonly Sequence<T>[], weights: readonly number[], seed: number,
): Sequence<T> {
  const bounds: number[] = [];
  for (const weight of weights) bounds.push((bounds.at(-1) ?? 0) + weight);
  const sum = bounds.at(-1) ?? 0;
  // Rounding may let a number times the sum be the sum itself.
  const last = weights.reduce((found, weight, i) => (weight > 0 ? i : found), 0);
  const memberOf = (number: number) => {
    const found = bounds.findIndex((bound) => number * sum < bound);
    return found < 0 ? last : found;
  };
  const isStates: Check = (value) =>
    Array.isArray(value) && value.length === members.length ? undefined : 'a state a member';
  return {
    identity: { op: 'interleave', weights, seed, of: members.map((member) => member.identity) },
    open(state, context) {
      const read = readState<{ given: number; of: readonly JsonValue[] }>(
        state, { given: isInteger(0), of: isStates });
      let given = read?.given ?? 0;
      const items = members.map((member, i) => member.open(inner(read?.of[i]), context));
      const draws = new Draws({
        seed, stream: 'sample', sequence: context.epoch, distribution: 'uniform_f64',
      }, context.signal);
      return {
        async next() {
          const number = draws.here(given) ?? await draws.load(given);
          const got = await items[memberOf(number)]?.next();
          if (got === undefined || got.done === true) return ended;
          given++;
          return got;
        },
        state: () => ({ given, of: items.map((one) => one.state()) }),
        dropped: () => droppedOf(...items),
        async close() {
          await Promise.all(items.map((one) => one.close()));
        },
      };
    },
  };
}
