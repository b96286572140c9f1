// What transformations make of schemas.
import { refuse } from '../options.js';
import type { DatasetSchema, Field } from '../types/dataset.js';

function checkKnown(schema: DatasetSchema, names: readonly string[], argument: string): void {
  const known = schema.fields.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(argument, `fields of ${known.join(', ')}`, unknown);
}

function checkDistinct(names: readonly string[], argument: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refuse(argument, 'different names', twice);
}

/** A schema of these fields only. Errors: `invalid_argument`. */
export function selectedSchema(
  schema: DatasetSchema | undefined, fields: readonly string[],
): DatasetSchema | undefined {
  checkDistinct(fields, 'fields');
  if (schema === undefined) return undefined;
  checkKnown(schema, fields, 'fields');
  const { text, ...others } = schema;
  return {
    ...others,
    fields: fields.flatMap((field) => schema.fields.filter(({ name }) => name === field)),
    ...(text === undefined || !fields.includes(text) ? {} : { text }),
  };
}

/** A schema with other names. Errors: `invalid_argument`. */
export function renamedSchema(
  schema: DatasetSchema | undefined, names: Readonly<Record<string, string>>,
): DatasetSchema | undefined {
  checkDistinct(Object.values(names), 'names');
  if (schema === undefined) return undefined;
  checkKnown(schema, Object.keys(names), 'names');
  const renamed = (name: string) => (Object.hasOwn(names, name) ? names[name] as string : name);
  // A field of another name stands where that says.
  const fields = schema.fields.map(({ path, ...field }): Field => {
    const name = renamed(field.name);
    return { ...field, name, ...(path === undefined || name !== field.name ? {} : { path }) };
  });
  checkDistinct(fields.map(({ name }) => name), 'names');
  return { ...schema, fields, ...(schema.text === undefined ? {} : { text: renamed(schema.text) }) };
}

/** The schema of datasets that become one: theirs where they have one and the same, whatever files they
 * were read from. */
export function schemaOfAll(
  datasets: readonly { readonly schema?: DatasetSchema }[],
): DatasetSchema | undefined {
  const [first, ...others] = datasets.map(({ schema }) => schema);
  const isSame = (schemas: readonly (DatasetSchema | undefined)[]) =>
    new Set(schemas.map((schema) => JSON.stringify(schema))).size === 1;
  if (isSame([first, ...others])) return first;
  const rows = [first, ...others].map((schema) => schema && withoutDelimiter(schema));
  return isSame(rows) ? rows[0] : undefined;
}

function withoutDelimiter({ delimiter: _, ...schema }: DatasetSchema): DatasetSchema {
  return schema;
}
