// The tree that a Parquet file's schema is, and the fields that it becomes.
import type { FileMetaData, SchemaElement } from 'hyparquet';
import type { Field } from '../../types/dataset.js';
import { badData, type Place, unsupported } from './errors.js';
import { type Kind, kindOf } from './kinds.js';

/** A part of the schema: a column, or a group of parts. */
export interface Node {
  readonly element: SchemaElement;
  readonly path: readonly string[];
  readonly children: readonly Node[];
  /** The definition level from which on it is there. */
  readonly definition: number;
  /** The repetition level at which it comes again, or its nearest repeated parent does. */
  readonly repetition: number;
  /** Of a column. */
  readonly kind: Kind | undefined;
  /** The places of its columns among all of the file, [first, last). */
  readonly columns: readonly [first: number, last: number];
}

/** A field and where its values come from. */
export interface FieldSource {
  readonly field: Field;
  readonly node: Node;
  /** How they are put together: one a row, the elements of the one list that `repeated` begins, or
   * JSON texts. */
  readonly shape: 'value' | 'list' | 'json';
  /** Of a list. */
  readonly repeated?: Node;
}

/** Deeper schemas are refused, so that nothing recurses without end. */
const deepest = 100;

/** Digits behind the point of decimals; the longest of 16 bytes have 38. */
const mostScale = 1000;

export const columnName = (path: readonly string[]): string => path.join('.');

/** Builds the tree. Errors: `invalid_data`. */
export function readTree(metadata: FileMetaData, place: Place): Node {
  const { schema } = metadata;
  let next = 0;
  let columns = 0;
  const build = (path: readonly string[], definition: number, repetition: number): Node => {
    const element = schema[next++];
    if (element === undefined) throw badData(place, 'a schema of whole groups', 'its end');
    const own = next === 1 ? path : [...path, String(element.name)];
    const at = { ...place, column: columnName(own) };
    if (own.length > deepest) throw unsupported(at, `groups at most ${deepest} deep`, 'a deeper one');
    const { repetition_type: kind, num_children: count = 0, type } = element;
    if (next > 1 && kind === undefined) throw badData(at, 'a repetition type', 'none');
    const level = {
      definition: definition + (next > 1 && kind !== 'REQUIRED' ? 1 : 0),
      repetition: repetition + (next > 1 && kind === 'REPEATED' ? 1 : 0),
    };
    const first = columns;
    if (type !== undefined) {
      if (count > 0) throw badData(at, 'a column without parts', `${count} parts`);
      checkNumbers(element, at);
      columns++;
      return {
        element, path: own, children: [], ...level, kind: kindOf(element), columns: [first, columns],
      };
    }
    if (!(count >= 0 && count <= schema.length)) throw badData(at, 'a number of parts', `${count}`);
    if (own.length > 0 && element.num_children === undefined) {
      throw badData(at, 'a type or parts', 'neither');
    }
    if (own.length > 0 && count === 0) throw unsupported(at, 'a group of columns', 'an empty one');
    const children: Node[] = [];
    for (let i = 0; i < count; i++) children.push(build(own, level.definition, level.repetition));
    return { element, path: own, children, ...level, kind: undefined, columns: [first, columns] };
  };
  const root = build([], 0, 0);
  if (next !== schema.length) throw badData(place, `a schema of ${next} parts`, `${schema.length}`);
  return root;
}

/** What is said of a column's values has sense. */
function checkNumbers(element: SchemaElement, at: Place): void {
  const { type, type_length: length, converted_type: converted, logical_type: logical } = element;
  const isCount = (value: unknown, most: number) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
  if (type === 'FIXED_LEN_BYTE_ARRAY' && !isCount(length, 2 ** 31 - 1)) {
    throw badData(at, "the length of the column's values", String(length));
  }
  const scale = logical?.type === 'DECIMAL' ? logical.scale : element.scale ?? 0;
  const isDecimal = (logical?.type ?? converted) === 'DECIMAL';
  if (isDecimal && !isCount(scale ?? 0, mostScale)) {
    throw badData(at, `decimals with at most ${mostScale} digits behind the point`, String(scale));
  }
}

/** All columns, in the file's order. */
export function columnsOf(node: Node): Node[] {
  return node.kind !== undefined ? [node] : node.children.flatMap(columnsOf);
}

const isAnnotated = ({ element }: Node, ...names: readonly string[]): boolean =>
  names.includes(element.logical_type?.type ?? element.converted_type ?? '');
const isRepeated = ({ element }: Node) => element.repetition_type === 'REPEATED';

/** The repeated part of a list, and what its elements are: the format's rules for old files included
 * (LogicalTypes.md, Lists). Undefined of what is no list. */
export function listOf(node: Node): { repeated: Node; element: Node } | undefined {
  if (!isAnnotated(node, 'LIST') || node.children.length !== 1) return undefined;
  const repeated = node.children[0] as Node;
  if (!isRepeated(repeated)) return undefined;
  const [only] = repeated.children;
  const isElement = repeated.children.length !== 1 || isRepeated(only as Node) ||
    repeated.element.name === 'array' || repeated.element.name === `${node.element.name}_tuple`;
  return { repeated, element: isElement ? repeated : only as Node };
}

/** The entries of a map, its keys, and its values where it has any. Undefined of what is no map. */
export function mapOf(node: Node): { entries: Node; key: Node; value: Node | undefined } | undefined {
  if (!isAnnotated(node, 'MAP', 'MAP_KEY_VALUE') || node.children.length !== 1) return undefined;
  const entries = node.children[0] as Node;
  const [key, value] = entries.children;
  const isMap = isRepeated(entries) && entries.children.length <= 2 && key?.kind !== undefined &&
    !isRepeated(key);
  return isMap ? { entries, key, value } : undefined;
}

function fieldOf(node: Node, rest: Pick<Field, 'type' | 'from'>, isOptional: boolean): Field {
  const name = columnName(node.path);
  const isPlain = node.path.length === 1 && !name.includes('.');
  return {
    name, ...rest, ...(isOptional ? { optional: true } : {}), ...(isPlain ? {} : { path: node.path }),
  };
}

/** The fields of one part and what is within it. */
function fieldsOf(node: Node, place: Place): FieldSource[] {
  const at = { ...place, column: columnName(node.path) };
  if (node.element.logical_type?.type === 'VARIANT') {
    throw unsupported(at, 'a column of one type', 'a variant');
  }
  // Of a repeated part the level before it: an empty list is there.
  const own = node.definition - (isRepeated(node) ? 1 : 0);
  const asJson = (): FieldSource[] =>
    [{ field: fieldOf(node, { type: 'string', from: 'any' }, own > 0), node, shape: 'json' }];
  const asList = (repeated: Node, kind: Kind): FieldSource[] =>
    [{ field: fieldOf(node, { type: { list: kind.type } }, own > 0), node, shape: 'list', repeated }];
  if (node.kind !== undefined) {
    if (isRepeated(node)) return asList(node, node.kind);
    return [{ field: fieldOf(node, { type: node.kind.type }, own > 0), node, shape: 'value' }];
  }
  const list = isRepeated(node) ? undefined : listOf(node);
  if (list?.element.kind !== undefined) return asList(list.repeated, list.element.kind);
  if (isRepeated(node) || list !== undefined || mapOf(node) !== undefined) return asJson();
  return node.children.flatMap((child) => fieldsOf(child, place));
}

/** The fields that a file's columns become. Errors: `unsupported`, naming the column. */
export function fieldSources(root: Node, place: Place): FieldSource[] {
  const sources = root.children.flatMap((child) => fieldsOf(child, place));
  const names = new Set<string>();
  for (const { field: { name } } of sources) {
    if (names.has(name)) {
      throw unsupported({ ...place, column: name }, 'columns of different names', 'two of this one');
    }
    names.add(name);
  }
  return sources;
}
