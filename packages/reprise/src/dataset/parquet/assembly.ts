// Puts the values of columns together to those of fields: one a row, lists, or JSON texts of what is
// nested deeper (Melnik et al. 2010, "Dremel", section 4, for columns of one row at a time).
import type { Value } from '../../types/dataset.js';
import type { ColumnRows } from './column.js';
import { badData, type Place, Unfit, unsupported } from './errors.js';
import { columnsOf, type FieldSource, listOf, mapOf, type Node } from './tree.js';

/** Lists of one column. */
function lists(rows: ColumnRows, repeated: Node, place: Place, firstRow: number): Value[] {
  const { values, definitions, starts } = rows as Required<ColumnRows>;
  const out: Value[] = [];
  for (let row = 0; row + 1 < starts.length; row++) {
    const [from, to] = [starts[row] as number, starts[row + 1] as number];
    const level = definitions[from] as number;
    if (level < repeated.definition) {
      // Not one element: the list is empty, or it is not there.
      out.push(level === repeated.definition - 1 ? [] : null);
      continue;
    }
    const list = values.slice(from, to);
    if (list.includes(null)) {
      throw unsupported({ ...place, row: firstRow + row }, 'lists without absent elements', 'an absent one');
    }
    out.push(list);
  }
  return out;
}

/** A column within nested values: where its values stand, of one row. */
interface Cursor {
  readonly rows: Required<ColumnRows>;
  at: number;
  end: number;
}

class Mismatch extends Error {}
class Refused extends Error {
  readonly unfit: Unfit;

  constructor(unfit: Unfit) {
    super();
    this.unfit = unfit;
  }
}

const fit = (text: string | Unfit): string => {
  if (text instanceof Unfit) throw new Refused(text);
  return text;
};

/** Writes values of one nested field as JSON. */
class JsonWriter {
  readonly #cursors: ReadonlyMap<Node, Cursor>;
  readonly #columns = new Map<Node, readonly Cursor[]>();

  constructor(cursors: ReadonlyMap<Node, Cursor>) {
    this.#cursors = cursors;
  }

  /** The columns within a node. */
  #of(node: Node): readonly Cursor[] {
    let columns = this.#columns.get(node);
    if (columns === undefined) {
      columns = columnsOf(node).map((column) => this.#cursors.get(column) as Cursor);
      this.#columns.set(node, columns);
    }
    return columns;
  }

  /** Passes over the one entry that each column has for what is not there. */
  #pass(node: Node): undefined {
    for (const cursor of this.#of(node)) {
      if (cursor.at >= cursor.end) throw new Mismatch();
      cursor.at++;
    }
    return undefined;
  }

  #level(node: Node): number {
    const cursor = this.#of(node)[0] as Cursor;
    if (cursor.at >= cursor.end) throw new Mismatch();
    return cursor.rows.definitions[cursor.at] as number;
  }

  /** The text of a node's value, which its parents say is there as far as they go; undefined where it
   * is not. */
  text(node: Node): string | undefined {
    if (node.element.repetition_type === 'REPEATED') {
      return `[${this.#elements(node, node).join(',')}]`;
    }
    if (this.#level(node) < node.definition) return this.#pass(node);
    return this.#body(node);
  }

  /** The texts of a repeated node's values; `element` is the part of each that is the value. */
  #elements(repeated: Node, element: Node): string[] {
    const texts: string[] = [];
    this.#each(repeated, () => {
      texts.push((element === repeated ? this.#body(repeated) : this.text(element)) ?? 'null');
    });
    return texts;
  }

  /** Calls once for each value of a repeated node. */
  #each(repeated: Node, value: () => void): void {
    if (this.#level(repeated) < repeated.definition) {
      this.#pass(repeated);
      return;
    }
    const cursor = this.#of(repeated)[0] as Cursor;
    do value();
    while (cursor.at < cursor.end && cursor.rows.repetitions[cursor.at] === repeated.repetition);
  }

  /** The text of a value that is there, of a repeated node one of its values. */
  #body(node: Node): string {
    if (node.kind !== undefined) {
      const cursor = this.#of(node)[0] as Cursor;
      const value = cursor.rows.values[cursor.at] as Value;
      cursor.at++;
      return fit(node.kind.json(value));
    }
    const list = listOf(node);
    if (list !== undefined) return `[${this.#elements(list.repeated, list.element).join(',')}]`;
    const map = mapOf(node);
    if (map !== undefined) return this.#map(map);
    const members = node.children.map((child) =>
      `${JSON.stringify(child.element.name)}:${this.text(child) ?? 'null'}`);
    return `{${members.join(',')}}`;
  }

  /** An object, whose names are the keys or their texts; of keys without values a list. */
  #map({ entries, key, value }: NonNullable<ReturnType<typeof mapOf>>): string {
    if (value === undefined) return `[${this.#elements(entries, key).join(',')}]`;
    const members: string[] = [];
    const names = new Set<string>();
    this.#each(entries, () => {
      const text = this.text(key);
      if (text === undefined) throw new Refused(new Unfit('a key of a map', 'none'));
      const name = text.startsWith('"') ? text : `"${text}"`;
      if (names.has(name)) throw new Refused(new Unfit('different keys of a map', `${name} twice`));
      names.add(name);
      members.push(`${name}:${this.text(value) ?? 'null'}`);
    });
    return `{${members.join(',')}}`;
  }
}

/** JSON texts of what is nested. */
function jsonTexts(
  source: FieldSource, columns: ReadonlyMap<Node, ColumnRows>, rows: number, place: Place, firstRow: number,
): Value[] {
  const cursors = new Map<Node, Cursor>();
  for (const column of columnsOf(source.node)) {
    cursors.set(column, { rows: columns.get(column) as Required<ColumnRows>, at: 0, end: 0 });
  }
  const writer = new JsonWriter(cursors);
  const { definition } = source.node;
  const isRepeated = source.node.element.repetition_type === 'REPEATED';
  const out: Value[] = [];
  for (let row = 0; row < rows; row++) {
    for (const cursor of cursors.values()) {
      cursor.at = cursor.rows.starts[row] as number;
      cursor.end = cursor.rows.starts[row + 1] as number;
    }
    const at = { ...place, row: firstRow + row };
    try {
      // A repeated part's list is there where what is around it is.
      const [first] = cursors.values();
      const level = first?.rows.definitions[first.at] as number;
      const isAbsent = isRepeated && level < definition - 1;
      const text = isAbsent ? undefined : writer.text(source.node);
      if (!isAbsent && [...cursors.values()].some(({ at: behind, end }) => behind !== end)) {
        throw new Mismatch();
      }
      out.push(text ?? null);
    } catch (thrown) {
      if (thrown instanceof Refused) throw unsupported(at, thrown.unfit.expected, thrown.unfit.found);
      if (thrown instanceof Mismatch) throw badData(at, 'columns of a group with as many values', 'others');
      throw thrown;
    }
  }
  return out;
}

/** A field's values of some rows, of the columns that it is made of; `firstRow` is the first one's place
 * in the file, for errors. */
export function fieldValues(
  source: FieldSource, columns: ReadonlyMap<Node, ColumnRows>, rows: number, file: string, firstRow: number,
): readonly Value[] {
  const place = { file, column: source.field.name };
  if (source.shape === 'json') return jsonTexts(source, columns, rows, place, firstRow);
  const column = columnsOf(source.node)[0] as Node;
  const read = columns.get(column) as ColumnRows;
  if (source.shape === 'value') return read.values;
  return lists(read, source.repeated as Node, place, firstRow);
}
