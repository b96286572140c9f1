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

/** A field's name, and the members that lead to it in nested rows. */
interface Place {
  readonly name: string;
  readonly path: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/** Gives rows their fields by name. A member of a field's name is that field, null its absence, and a field
 * without such a member is looked for along its path. But a member is a group and no field where it is an
 * object in which there is a field that is looked for, or the one of its own name along its path; that one is
 * then looked for as well. Undefined is no member, and null gives way to a value along the path. No member
 * becomes two fields; one that becomes none stays. */
export function fieldsByName(schema: DatasetSchema): (row: unknown) => unknown {
  const places = schema.fields.map((field): Place => ({ name: field.name, path: pathOf(field) }));
  const deep = places.filter(({ name, path }) => path.length !== 1 || path[0] !== name);
  if (deep.length === 0) return (row) => row;
  const placeOf = new Map(places.map((place) => [place.name, place]));
  return (row) => {
    if (!isMembers(row)) return row;
    const absent = deep.filter((place) => !isByName(row, place));
    if (absent.length === 0) return row;
    const sought = new Set(absent);
    const groups = new Set<string>();
    // It grows: a field is sought too whose name turns out to be that of a group.
    for (const { path } of sought) {
      const named = placeOf.get(path[0] as string);
      if (named === undefined || !isInGroup(row, path)) continue;
      groups.add(named.name);
      sought.add(named);
    }
    const kindOf = (name: string) => (!placeOf.has(name) ? 'other' : groups.has(name) ? 'group' : 'field');
    return flatRow(row, [...sought], kindOf);
  };
}

/** Whether a row has a field by its name, by what that member and the field's path say. */
function isByName(row: Members, { name, path }: Place): boolean {
  const value = memberOf(row, name);
  if (value === null) return (memberAt(row, path) ?? null) === null;
  return value !== undefined && !(path[0] === name && isInGroup(row, path));
}

/** Whether a path leads to something inside a member. */
function isInGroup(row: Members, path: readonly string[]): boolean {
  return path.length > 1 && memberAt(row, path) !== undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function memberAt(row: Members, path: readonly string[]): unknown {
  return path.reduce<unknown>(memberOf, row);
}

/** A row with the fields that are sought by name and not along their paths; `kindOf` tells a member that is a
 * field by its name from a group that has the name of one. */
function flatRow(
  row: Members, sought: readonly Place[], kindOf: (name: string) => 'field' | 'group' | 'other',
): Members {
  // A name like __proto__ is one like others.
  const flat: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const found = sought.filter(({ path: [first] }) => kindOf(first as string) !== 'field');
  const paths = found.map(({ path }) => path);
  for (const [name, value] of Object.entries(row)) {
    const kind = kindOf(name);
    const left = kind === 'field' ? value
      : without(value, paths.filter(([first]) => first === name), 1);
    if (kind !== 'group') flat[name] = left;
    // The group's name is the field's, so that what no field is of it needs others.
    else for (const [member, rest] of Object.entries(left ?? {})) {
      let other = `${name}.${member}`;
      while (kindOf(other) !== 'other') other += '.';
      flat[other] = rest;
    }
  }
  for (const { name, path } of found) {
    const value = memberAt(row, path);
    if (value !== undefined) flat[name] = value;
  }
  return flat;
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
