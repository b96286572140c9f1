// Transformations of one item at a time: map, filter, select, rename.
import { inWords, isAnything, isInteger } from '../options.js';
import type { Row } from '../types/dataset.js';
import {
  type Context, droppedOf, ended, type Identity, inner, itemError, type Items, type JsonValue, readState,
  type Sequence,
} from './sequence.js';

/** A function of the caller's. */
export type ItemFunction<T, U> = (item: T, index: number) => U | Promise<U>;

/** A function's result for an item. Errors: what it throws is the `cause`. */
async function apply<T, U>(
  op: string, fn: ItemFunction<T, U>, item: T, index: number,
): Promise<U> {
  try {
    return await fn(item, index);
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : inWords(thrown);
    throw itemError(index, `the function of ${op} threw: ${words}`, thrown);
  }
}

/** An input whose items are counted. */
class Counted<T> {
  readonly items: Items<T>;
  /** Items that came so far. */
  count: number;

  constructor(of: Sequence<T>, state: JsonValue | undefined, context: Context) {
    const read = readState<{ index: number; of: JsonValue }>(
      state, { index: isInteger(0), of: isAnything });
    this.count = read?.index ?? 0;
    this.items = of.open(inner(read?.of), context);
  }

  state(): JsonValue {
    return { index: this.count, of: this.items.state() };
  }
}

/** What `fn` makes of each item and its index. */
function each<T, U>(
  of: Sequence<T>, identity: Identity, fn: ItemFunction<T, U>,
): Sequence<U> {
  return {
    identity,
    length: of.length,
    open(state, context) {
      const input = new Counted(of, state, context);
      return {
        async next() {
          const got = await input.items.next();
          if (got.done === true) return ended;
          return { done: false, value: await fn(got.value, input.count++) };
        },
        state: () => input.state(),
        dropped: () => droppedOf(input.items),
        close: () => input.items.close(),
      };
    },
  };
}

/** What the caller's function makes of each item. */
export function map<T, U>(of: Sequence<T>, fn: ItemFunction<T, U>): Sequence<U> {
  const identity = { op: 'map', fn: String(fn), of: of.identity };
  return each(of, identity, (item, index) => apply('map', fn, item, index));
}

/** The items of which the caller's function says true. */
export function filter<T>(of: Sequence<T>, fn: ItemFunction<T, boolean>): Sequence<T> {
  return {
    identity: { op: 'filter', fn: String(fn), of: of.identity },
    open(state, context) {
      const input = new Counted(of, state, context);
      return {
        async next() {
          for (;;) {
            if (context.pace.isDue) await context.pace.rest();
            const got = await input.items.next();
            if (got.done === true) return ended;
            const index = input.count++;
            const keeps: unknown = await apply('filter', fn, got.value, index);
            if (typeof keeps !== 'boolean') {
              throw itemError(index, 'the function of filter must give true or false, it gave ' +
                inWords(keeps));
            }
            if (keeps) return got;
          }
        },
        state: () => input.state(),
        dropped: () => droppedOf(input.items),
        close: () => input.items.close(),
      };
    },
  };
}

/** An item that has these fields. */
function rowWith(item: unknown, index: number, fields: readonly string[]): Row {
  if (typeof item !== 'object' || item === null) {
    throw itemError(index, `fields are those of an object, found ${inWords(item)}`);
  }
  const absent = fields.find((field) => !Object.hasOwn(item, field));
  if (absent !== undefined) {
    throw itemError(index, `there is no field ${JSON.stringify(absent)}; there are ` +
      Object.keys(item).join(', '));
  }
  return item as Row;
}

/** Rows with these fields only, in this order. */
export function select(of: Sequence<unknown>, fields: readonly string[]): Sequence<Row> {
  return each(of, { op: 'select', fields, of: of.identity }, (item, index) => {
    const row = rowWith(item, index, fields);
    return Object.fromEntries(fields.map((field) => [field, row[field] as Row[string]]));
  });
}

/** Rows whose fields have other names, by old name. */
export function rename(
  of: Sequence<unknown>, names: Readonly<Record<string, string>>,
): Sequence<Row> {
  const to = new Map(Object.entries(names));
  return each(of, { op: 'rename', names, of: of.identity }, (item, index) => {
    const row = rowWith(item, index, [...to.keys()]);
    const renamed = Object.entries(row).map(
      ([name, value]) => [to.get(name) ?? name, value] as const);
    const made = Object.fromEntries(renamed);
    if (Object.keys(made).length < renamed.length) {
      throw itemError(index, `two fields would have one name: ${
        renamed.map(([name]) => name).join(', ')}`);
    }
    return made;
  });
}
