// `reprise dataset`: looks at files of rows, checks them, deals them out and converts them.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { defaultMaxErrors, defaultSampleRows } from '../../dataset/defaults.js';
import {
  type Dataset, type DatasetSchema, type Field, inferSchema, loadDataset, type LoadDatasetOptions,
  type ReadReport, type Row,
} from '../../index.js';
import { numberOf, quoted } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { fileError, InputError, UsageError } from '../failure.js';
import { startRuntime } from '../model-options.js';
import { jsonOf } from '../output.js';
import { checkOutput, writeStream } from '../output-file.js';
import { type DatasetConfig, readDatasetConfig } from '../run-config.js';

/** What is read, as the words and the config say. */
interface Input {
  readonly files: readonly string[];
  /** The files in words. */
  readonly name: string;
  readonly options: LoadDatasetOptions;
  readonly config: DatasetConfig | undefined;
  /** Of convert: the file that is written. */
  readonly output: string | undefined;
  /** How the last reading went, of which there are several of the same rows, or none. */
  report?: ReadReport;
}

type Work = (invocation: Invocation, input: Input) => Promise<number | undefined | void>;

const works: Readonly<Record<string, Work>> = {
  inspect, infer, validate, split, head, stats, convert,
};

export const datasetCommand: Command = {
  summary: 'look at, check, split and convert files of rows',
  usage: `(${Object.keys(works).join(' | ')}) FILE`,
  description:
    'Files are CSV, TSV, JSON arrays, JSON Lines, plain text or Parquet, compressed by gzip or zstd or ' +
    'not. inspect says how many rows and which fields there are; infer writes the schema that the first ' +
    'rows seem to have; validate lists the rows that do not fit it; stats writes counts and ranges; head ' +
    'writes the first rows; split deals the rows out to parts by --ratios or --counts, says the hash of ' +
    'each and with --out writes each as JSON Lines; convert FILE OUT writes another format, by the name ' +
    'of OUT: .jsonl, .csv or .parquet. Rows that --on-error skip leaves out are counted and listed on ' +
    'stderr, and with --json in the member report. --config takes file, options and split from the dataset of a run ' +
    "config; what is given here comes before its own. The repository's docs/datasets.md says what each " +
    'format is read as.',
  options: {
    config: { value: 'FILE', help: 'a reprise.json, whose dataset stands for FILE and the options' },
    format: { value: 'F', help: 'csv, tsv, json, jsonl, text or parquet; default: by the name' },
    schema: { value: 'FILE', help: `a schema; default: inferred from the first ${defaultSampleRows} rows` },
    columns: { value: 'A,B', help: 'only these fields' },
    delimiter: { value: 'C', help: "of csv; default: the schema's, else as the rows look" },
    quote: { value: 'C', help: "of csv, '' for none; default: \" or, of tsv, none" },
    header: { value: 'yes|no', help: 'whether the first row of csv holds names; default: as it looks' },
    'text-rows': { value: 'R', help: 'of text: line, blank_line or whole; default: line' },
    'rows-path': { value: 'A.B', help: 'of json: the members that lead to the array of rows' },
    'on-error': { value: 'E', help: 'error, skip or collect bad rows; default: error' },
    'max-errors': {
      value: 'N', help: `bad rows at which skip and collect give up; default: ${defaultMaxErrors}`,
    },
    rows: { value: 'N', help: 'of head: how many, default 10; of infer: how many are looked at' },
    ratios: { value: 'NAME=R,…', help: 'of split: shares that sum to 1' },
    counts: { value: 'NAME=N,…', help: 'of split: rows of each part' },
    seed: { value: 'N', help: "of split: 0 to 2^53 - 1; default: the schema's, else drawn" },
    method: { value: 'M', help: 'of split: shuffle, content or huggingface; default: shuffle' },
    key: { value: 'FIELD', help: 'of split: rows of one value stay together' },
    stratify: { value: 'FIELD', help: 'of split: even shares of its values' },
    out: { value: 'DIR', help: 'of split: where NAME.jsonl of each part is written' },
  },
  examples: [
    { line: 'reprise dataset inspect messages.csv', does: 'the number of rows, the fields and the hash' },
    {
      line: 'reprise dataset split messages.csv --ratios train=0.8,val=0.1,test=0.1 --seed 7 --out parts',
      does: 'writes parts/train.jsonl, parts/val.jsonl and parts/test.jsonl',
    },
    { line: 'reprise dataset convert messages.csv messages.parquet', does: 'the same rows as Parquet' },
    {
      line: 'reprise dataset split --config reprise.json --out parts',
      does: 'the parts that the run config describes',
    },
  ],
  async run(invocation) {
    const [what, ...words] = invocation.args.words;
    const work = what !== undefined && Object.hasOwn(works, what) ? works[what] : undefined;
    if (work === undefined) {
      const found = what === undefined ? 'nothing' : quoted(what);
      throw new UsageError(`expected ${Object.keys(works).join(', ')}, found ${found}`);
    }
    const config = invocation.args.text('config');
    const most = work === convert ? 2 : 1;
    if (words.length > most) {
      throw new UsageError(`expected one file, found ${quoted(words.at(-1) as string)} too`);
    }
    // Its files stand for the first word.
    const file = config !== undefined && words.length < most ? undefined : words.shift();
    if (file === undefined && config === undefined) {
      throw new UsageError(`dataset ${what}: expected a file, or --config`);
    }
    await startRuntime(invocation);
    return work(invocation, await inputOf(invocation, file, config, words[0]));
  },
};

async function inputOf(
  invocation: Invocation, file: string | undefined, configFile: string | undefined,
  output: string | undefined,
): Promise<Input> {
  const given = await loadOptions(invocation);
  const config = configFile === undefined ? undefined : await readDatasetConfig(configFile);
  const files = file === undefined ? config?.files ?? [] : [file];
  const input: Input = {
    files, name: files.join(', '), config, output,
    options: {
      ...config?.options, ...given,
      onReport: (report) => {
        input.report = report;
      },
    },
  };
  return input;
}

/** A bad row in words. */
const problemLine = ({ file, row, column, byte, expected, found }: ReadReport['problems'][number]): string =>
  `${file}: row ${row}${column === undefined ? '' : `, column ${quoted(column)}`}` +
  `${byte === undefined ? '' : ` (byte ${byte})`}: ` +
  `expected ${expected}, found ${found}`;

/** Writes a result, and tells which rows it is without: in JSON as its member `report`, else on
 * stderr. `rows` are those of a result, as lines of JSON. */
async function result(
  { args, out }: Invocation, { name, report }: Input, json: object, text: string, rows?: string,
): Promise<void> {
  if (args.flag('json')) {
    // Their integers may be larger than numbers of JavaScript.
    const all = rows === undefined ? '' : `"rows":[${rows.trimEnd().replaceAll('\n', ',')}],`;
    return out.write(`{${all}${jsonOf({ ...json, report }).slice(1)}\n`);
  }
  await out.write(text);
  if (report === undefined || report.skipped === 0) return;
  const { rows: kept, skipped, problems } = report;
  out.warn([
    `reprise: ${name}: ${skipped} of ${kept + skipped} rows that were read are left out:`,
    ...problems.map(problemLine),
  ]);
}

/** The files as a member of results. */
function named({ files }: Input): { file: string } | { files: readonly string[] } {
  const [file, ...others] = files;
  return file === undefined || others.length > 0 ? { files } : { file };
}

/** The options of the package, as the words say. */
async function loadOptions({ args, signal, out }: Invocation): Promise<LoadDatasetOptions> {
  const header = args.text('header');
  if (header !== undefined && header !== 'yes' && header !== 'no') {
    throw new UsageError(`--header: expected yes or no, found ${quoted(header)}`, '--header');
  }
  const schema = args.text('schema');
  const options: Record<string, unknown> = {
    signal, onProgress: out.progress,
    format: args.text('format'), delimiter: args.text('delimiter'), quote: args.text('quote'),
    header: header === undefined ? undefined : header === 'yes',
    textRows: args.text('text-rows'), rowsPath: args.text('rows-path'),
    columns: args.text('columns')?.split(','),
    onError: args.text('on-error'), maxErrors: args.integer('max-errors'),
    schema: schema === undefined ? undefined : await readSchema(schema),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function readSchema(file: string): Promise<DatasetSchema> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fileError(error, file);
  }
  try {
    return JSON.parse(text) as DatasetSchema;
  } catch (error) {
    throw new InputError('invalid_json', `${file}: not JSON: ${(error as Error).message}`, { file });
  }
}

async function open({ files, options }: Input): Promise<Dataset<Row>> {
  return loadDataset(files, options);
}

const long = ({ signal, out }: Invocation) => ({ signal, onProgress: out.progress });

async function inspect(invocation: Invocation, input: Input): Promise<void> {
  const data = await open(input);
  const schema = data.schema as DatasetSchema;
  const { rows, report: { skipped, blankRows } } = await data.stats(long(invocation));
  const hash = await data.hash(long(invocation));
  const { text } = schema;
  const json = { ...named(input), rows, skipped, blankRows, fields: schema.fields, text, hash, schema };
  await result(invocation, input, json, `${[
    `${input.name}: ${rows} rows${skipped > 0 ? `, ${skipped} left out` : ''}`,
    `sha256 of the rows ${hash}`,
    ...(schema.delimiter === undefined ? [] : [`fields end with ${quoted(schema.delimiter)}`]),
    ...schema.fields.map((field) => `  ${typeName(field).padEnd(18)}  ${quoted(field.name)}` +
      `${field.optional === true ? ', may be absent' : ''}${field.name === text ? ', the text' : ''}`),
  ].join('\n')}\n`);
}

function typeName({ type }: Field): string {
  return typeof type === 'string' ? type : `list of ${type.list}`;
}

async function infer(invocation: Invocation, input: Input): Promise<void> {
  const { args, out } = invocation;
  for (const name of ['schema', 'columns', 'on-error', 'max-errors']) {
    if (args.text(name) === undefined) continue;
    throw new UsageError(`dataset infer: expected no --${name}, which says how rows are read`, `--${name}`);
  }
  const { columns: _, onError: __, maxErrors: ___, schema: ____, onReport: _____, ...options } =
    input.options;
  const sampleRows = args.integer('rows');
  const schema = await inferSchema(
    input.files, { ...options, ...(sampleRows === undefined ? {} : { sampleRows }) });
  if (args.flag('json')) return out.writeJson(schema);
  await out.write(`${JSON.stringify(schema, undefined, 2)}\n`);
}

async function validate(invocation: Invocation, input: Input): Promise<number> {
  const { args, out } = invocation;
  const data = await open(input);
  const report = await data.validate(long(invocation));
  if (args.flag('json')) {
    await out.writeJson({ ...named(input), ...report });
  } else {
    const lines = report.problems.map(problemLine);
    await out.write(`${[...lines, `${report.rows} rows fit, ${report.skipped} do not`].join('\n')}\n`);
  }
  return report.skipped === 0 ? 0 : 1;
}

async function stats(invocation: Invocation, input: Input): Promise<void> {
  const data = await open(input);
  const found = await data.stats(long(invocation));
  const line = ([name, of]: [string, object]): string => `  ${quoted(name)}: ${Object.entries(of)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? quoted(value) : String(value)}`)
    .join(', ')}`;
  const lines = [`${input.name}: ${found.rows} rows`, ...Object.entries(found.fields).map(line)];
  await result(invocation, input, { ...named(input), ...found }, `${lines.join('\n')}\n`);
}

async function head(invocation: Invocation, input: Input): Promise<void> {
  const { args, signal } = invocation;
  const data = await open(input);
  const first = data.take(args.integer('rows') ?? 10);
  const text = await new Response(first.write('jsonl', { signal })).text();
  await result(invocation, input, named(input), text, text);
}

async function convert(invocation: Invocation, input: Input): Promise<void> {
  const { args, out } = invocation;
  const { output } = input;
  const format = /\.(jsonl|csv|parquet)$/.exec(output ?? '')?.[1];
  if (output === undefined || format === undefined) {
    throw new UsageError('convert: expected a file to write that ends in .jsonl, .csv or .parquet, found ' +
      `${output === undefined ? 'none' : quoted(output)}`);
  }
  await checkOutput(output);
  const data = await open(input);
  const bytes = await writeStream(output, data.write(format as 'jsonl', long(invocation)));
  if (!args.flag('json')) out.note(`${output}: ${bytes} bytes`);
  await result(invocation, input, { file: output, bytes }, '');
}

/** "train=0.8,test=0.2" as numbers by name. */
function numbersByName(text: string | undefined, argument: string): Record<string, number> | undefined {
  if (text === undefined) return undefined;
  const seen = new Set<string>();
  return Object.fromEntries(text.split(',').map((pair) => {
    const [, name, number] = /^(.+)=([^=]+)$/.exec(pair) ?? [];
    if (name === undefined || number === undefined) {
      throw new UsageError(
        `${argument}: expected NAME=NUMBER with commas between, found ${quoted(pair)}`, argument);
    }
    if (seen.has(name)) {
      throw new UsageError(`${argument}: expected each name once, found ${quoted(name)} again`, argument);
    }
    seen.add(name);
    return [name, numberOf(number, argument)];
  }));
}

async function split(invocation: Invocation, input: Input): Promise<void> {
  const { args } = invocation;
  const folder = args.text('out');
  const { seed: configSeed, split: own = {} } = input.config ?? {};
  let ratios = numbersByName(args.text('ratios'), '--ratios');
  let counts = numbersByName(args.text('counts'), '--counts');
  // Either takes the place of both.
  if (ratios === undefined && counts === undefined) ({ ratios, counts } = own);
  const data = await open(input);
  const { splits: shares, seed } = data.schema as DatasetSchema;
  for (const name of Object.keys(ratios ?? counts ?? shares ?? {})) {
    // Names become files.
    if (folder !== undefined && !/^[\w][\w .-]*$/.test(name)) {
      throw new UsageError(`expected names of letters, digits, _ and -, found ${quoted(name)}`);
    }
  }
  const parts = Object.values(await data.split({
    ratios, counts,
    seed: args.integer('seed') ?? own.seed ?? seed ?? configSeed,
    method: args.text('method') as 'shuffle' | undefined ?? own.method,
    key: args.text('key') ?? own.key,
    stratify: args.text('stratify') ?? own.stratify,
    ...long(invocation),
  }));
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, folder);
    });
    for (const part of parts) {
      await writeStream(
        join(folder, `${part.name}.jsonl`), part.data.write('jsonl', { signal: invocation.signal }));
    }
  }
  const [first] = parts;
  const json = {
    ...named(input), seed: first?.seed,
    splits: Object.fromEntries(parts.map(({ name, rows, hash }) => [name, { rows, hash }])),
  };
  await result(invocation, input, json, `${[`seed ${first?.seed}`, ...parts.map(({ name, rows, hash }) =>
    `${name.padEnd(12)} ${String(rows).padStart(10)} rows  ${hash}`)].join('\n')}\n`);
}
