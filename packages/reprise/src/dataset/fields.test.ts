// Which member of a row behind map is which field, where rows may have them by name or along their paths.
import { describe, expect, it } from 'vitest';

import { type DatasetSchema, type Field, loadDataset } from 'reprise';
import { failure } from '../testing/material.js';

const int = (name: string, path: string): Field => ({ name, path, type: 'int32', optional: true });
const schemaOf = (...fields: Field[]): DatasetSchema => ({ version: 1, fields });

/** What a row behind map is read as. */
async function read(schema: DatasetSchema, row: object): Promise<Record<string, unknown>> {
  const columns = await (await loadDataset([{ n: 0 }])).map(() => row, { schema }).columns();
  return Object.fromEntries(Object.entries(columns).map(([name, { values, validity: [bits = 1] = [] }]) =>
    [name, bits % 2 === 0 ? null : values[0]]));
}

describe('a row behind map', () => {
  // `a` is the name of a field and of the group that another one is in.
  const crossed = schemaOf(int('a', 'b'), int('c', 'a.x'));
  const renamed = schemaOf(int('a', 'b'), int('b', 'c'));
  const own = schemaOf(int('answer', 'answer.n'), int('id', 'id'));
  const chained = schemaOf(int('a', 'b.y'), int('b', 'c'), int('d', 'a.x'));
  it.each<[string, DatasetSchema, object, object]>([
    ['has fields by name', crossed, { a: 1, c: 2 }, { a: 1, c: 2 }],
    ['has fields along paths', crossed, { b: 1, a: { x: 2 } }, { a: 1, c: 2 }],
    ['has one along its path, whose group is not the field of that name', crossed, { a: { x: 2 } }, { a: null, c: 2 }],
    ['has a member that is undefined not', crossed, { a: undefined, b: 1, c: undefined }, { a: 1, c: null }],
    ['has null by name where there is nothing along the path', crossed, { a: null, c: 2 }, { a: null, c: 2 }],
    ['has what is along the path where there is null by name', crossed, { a: null, b: 1, c: 2 }, { a: 1, c: 2 }],
    ['has a null group', own, { answer: null, id: 1 }, { answer: null, id: 1 }],
    ['has a group of its own name', own, { answer: { n: 5 }, id: 1 }, { answer: 5, id: 1 }],
    ['has a group and fields behind it in others', chained, { a: { x: 1 }, b: { y: 2 }, c: 3 }, { a: 2, b: 3, d: 1 }],
    ['has one member as one field, by name', renamed, { b: 1 }, { a: null, b: 1 }],
    ['has names before paths', schemaOf(int('a', 'b'), int('b', 'a')), { a: 1, b: 2 }, { a: 1, b: 2 }],
  ])('%s', async (_, schema, row, expected) => {
    expect(await read(schema, row)).toEqual(expected);
    // A row that a dataset gives has all fields by name, and is itself again.
    expect(await read(schema, expected)).toEqual(expected);
  });

  it.each<[string, DatasetSchema, object, object]>([
    ['a member that no field is of', crossed, { a: 1, b: 2, c: 3 }, { column: 'b', expected: 'only fields of the schema' }],
    ["one in a group of a field's name", crossed, { b: 1, a: { x: 2, y: 3 } }, { column: 'a.y' }],
    ["one in a group of the field's own name", own, { answer: { n: 5, at: 7 } }, { column: 'answer.at' }],
    ["one whose name is a field's as well", schemaOf(int('a', 'a.n'), int('a.m', 'm')), { a: { n: 5, m: 6 }, m: 7 },
      { column: 'a.m.' }],
    ['an object that is no group', crossed, { a: { z: 1 }, c: 2 }, { column: 'a', expected: 'an int32', found: '{"z":1}' }],
    ['what is left where names go before paths', renamed, { b: 1, c: 2 }, { column: 'c' }],
  ])('is refused for %s', async (_, schema, row, expected) => {
    expect(await failure(read(schema, row))).toMatchObject({ code: 'invalid_data', row: 0, ...expected });
  });

  it('may have more where other fields are ignored', async () => {
    const schema: DatasetSchema = { ...schemaOf(int('a', 'a.n')), otherFields: 'ignore' };
    expect(await read(schema, { a: { n: 5, m: 6 }, m: 7 })).toEqual({ a: 5 });
  });
});
