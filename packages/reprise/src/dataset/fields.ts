// The fields of a schema: their types, and where they stand, in nested rows along their paths, in rows of
// a dataset by their names.
import { repriseError } from '../errors.js';
import type { DatasetSchema, Field, FieldType } from '../types/dataset.js';
import { isMembers } from './row-json.js';

/** The type of a field's values, or of their elements. */
export function typeOf(field: Field): FieldType {
  return typeof field.type === 'string' ? field.type : field.type.list;
}

export function isList(field: Field): boolean {
  return typeof field.type !== 'string';
}

/** The members that lead to a field's value in nested rows. */
export function pathOf({ name, path = [name] }: Field): readonly string[] {
  return typeof path === 'string' ? path.split('.') : path;
}

/** A schema of the same rows where they lie flat, by the names of the fields. */
export function flatSchema(schema: DatasetSchema): DatasetSchema {
  return { ...schema, fields: schema.fields.map(({ path: _, ...field }): Field => field) };
}

/** A member of nested rows: a field's value, or an object of members. */
export interface PathNode {
  readonly name: string;
  readonly field?: Field;
  readonly members: readonly PathNode[];
}

/** A node that grows. */
interface Growing extends PathNode {
  field?: Field;
  readonly members: Growing[];
}

/** The members of nested rows, in the order of the fields. Errors: `invalid_argument` where two
 * would stand in one place, or one within another. */
export function pathTree({ fields }: DatasetSchema): readonly PathNode[] {
  const root: Growing = { name: '', members: [] };
  for (const field of fields) {
    const path = pathOf(field);
    let node = root;
    for (const name of path) {
      if (node.field !== undefined) throw overlap(node.field, field);
      let member = node.members.find((one) => one.name === name);
      if (member === undefined) node.members.push(member = { name, members: [] });
      node = member;
    }
    const other = firstField(node);
    if (other !== undefined) throw overlap(other, field);
    node.field = field;
  }
  return root.members;
}

function firstField({ field, members: [first] }: PathNode): Field | undefined {
  return field ?? (first === undefined ? undefined : firstField(first));
}

function overlap(...fields: readonly [Field, Field]): Error {
  const found = fields.map((field) =>
    `${JSON.stringify(field.name)} at ${JSON.stringify(pathOf(field).join('.'))}`).join(' and ');
  return refusedPlaces(found);
}

/** The error of fields that a file has no places for. */
export function refusedPlaces(found: string): Error {
  const expected = 'fields with places of their own in a file';
  return repriseError('invalid_argument', `The schema must have ${expected}, found ${found}; rename one, or ` +
    'give one another path.', { argument: 'schema', expected, found });
}

/** Gives rows their fields by name: one that a row has not by its name is looked for along its path. What
 * no field takes stays. */
export function fieldsByName(schema: DatasetSchema): (row: unknown) => unknown {
  const deep = schema.fields.filter((field) => {
    const path = pathOf(field);
    return path.length !== 1 || path[0] !== field.name;
  });
  if (deep.length === 0) return (row) => row;
  const names = new Set(schema.fields.map(({ name }) => name));
  return (row) => {
    if (!isMembers(row)) return row;
    const absent = deep.filter(({ name }) => !Object.hasOwn(row, name));
    if (absent.length === 0) return row;
    const paths = absent.map(pathOf);
    // A name like __proto__ is one like others.
    const flat: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of Object.entries(row)) {
      const left = names.has(name) ? value
        : without(value, paths.filter(([first]) => first === name), 1);
      if (left !== undefined) flat[name] = left;
    }
    absent.forEach(({ name }, i) => {
      const value = (paths[i] as readonly string[]).reduce<unknown>(
        (at, member) => (isMembers(at) && Object.hasOwn(at, member) ? at[member] : undefined), row);
      if (value !== undefined) flat[name] = value;
    });
    return flat;
  };
}

/** A value without what stands along paths, of which so many members lead to it; undefined where nothing
 * is left. */
function without(value: unknown, paths: readonly (readonly string[])[], depth: number): unknown {
  if (paths.length === 0) return value;
  if (value === null || paths.some(({ length }) => length === depth)) return undefined;
  if (!isMembers(value)) return value;
  const left = Object.entries(value).flatMap(([name, member]) => {
    const rest = without(member, paths.filter((path) => path[depth] === name), depth + 1);
    return rest === undefined ? [] : [[name, rest] as const];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
