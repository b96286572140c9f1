// Every file of apache/parquet-testing and of hyparquet's tests: read as hyparquet's references have it,
// or refused for a reason that stands here.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Compressors, parquetMetadata, parquetRead, toJson } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { referencePath } from '../../../../tests/support/reference.mjs';
import { difference, loadFile, memoryFile, readAll } from '../testing/parquet.js';
import { rejection } from '../testing/material.js';
import { RepriseError } from '../errors.js';
import type { OpenParquet } from './parquet.js';
import type { Row } from '../types/dataset.js';

const hyparquet = referencePath('conformance/hyparquet/test/files');
const apache = referencePath('conformance/parquet');
if (hyparquet === undefined || apache === undefined) {
  console.log('No reference material: not all files of apache/parquet-testing and hyparquet are read.');
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

const variant = ['unsupported', 'a variant'] as const;
const encryptedFooter = ['unsupported', 'an encrypted one'] as const;
/** What is refused, and the words that say why. */
const refused: Readonly<Record<string, readonly [code: string, words: string]>> = {
  // Variants have no type.
  'shredded-array.parquet': variant,
  'shredded-bool.parquet': variant,
  'shredded-int.parquet': variant,
  'shredded-nested-object.parquet': variant,
  'shredded-object.parquet': variant,
  'shredded-partial-object.parquet': variant,
  'shredded-sparse-timestamp.parquet': variant,
  'shredded-type-mismatch.parquet': variant,
  // Lists hold no absent elements.
  'nullable.impala.parquet': ['unsupported', 'found an absent one'],
  'list_columns.parquet': ['unsupported', 'found an absent one'],
  // Values beyond int64, and strings longer than JavaScript's.
  'signs.parquet': ['unsupported', 'found 9223372036854775808'],
  'int96_from_spark.parquet': ['unsupported', 'expected a time whose microseconds fit int64'],
  'large_string_map.brotli.parquet': ['unsupported', 'found 1073741828'],
  // Its footer counts no rows, its row groups count six.
  'repeated_no_annotation.parquet': ['invalid_data', 'expected row groups of 0 rows in all, found 6'],
  // Its columns say neither that they are required nor that they are optional.
  'strings.parquet': ['invalid_data', 'expected a repetition type'],
  // Their checksums are wrong on purpose.
  'datapage_v1-corrupt-checksum.parquet': ['invalid_data', 'expected a page with the checksum'],
  'rle-dict-uncompressed-corrupt-checksum.parquet': ['invalid_data', 'expected a page with the checksum'],
  // Nobody has the keys.
  'encrypt_columns_and_footer.parquet.encrypted': encryptedFooter,
  'encrypt_columns_and_footer_aad.parquet.encrypted': encryptedFooter,
  'encrypt_columns_and_footer_bloom_filter.parquet.encrypted': encryptedFooter,
  'encrypt_columns_and_footer_ctr.parquet.encrypted': encryptedFooter,
  'encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted': encryptedFooter,
  'encrypt_columns_plaintext_footer.parquet.encrypted': ['unsupported', 'a column that is not encrypted'],
  'external_key_material_java.parquet.encrypted': encryptedFooter,
  'uniform_encryption.parquet.encrypted': encryptedFooter,
  // apache/parquet-testing's bad_data, each for what its README says of it.
  'ARROW-GH-41317.parquet': ['invalid_data', 'column timestamp_us_no_tz'],
  'ARROW-GH-41321.parquet': ['invalid_data', 'definition levels'],
  'ARROW-GH-45185.parquet': ['invalid_data', 'a row that begins at repetition level 0'],
  'ARROW-GH-47662.parquet': ['invalid_data', 'column flba_field'],
  'ARROW-RS-GH-6229-DICTHEADER.parquet': ['invalid_data', 'column region_key'],
  'ARROW-RS-GH-6229-LEVELS.parquet': ['invalid_data', 'column outer.list.item.c'],
  'PARQUET-1481.parquet': ['invalid_data', 'expected a footer'],
};

/** What hyparquet does not read, or makes something else of; the rows stand in a test of their own. */
const readElsewhere: Readonly<Record<string, readonly [row: number, values: Row]>> = {
  'datapage_v2_empty_datapage.snappy.parquet': [0, { value: null }],
  'nation.dict-malformed.parquet': [0, {
    nation_key: 0, name: bytesOf('ALGERIA'), region_key: 0,
    comment_col: bytesOf(' haggle. carefully final deposits detect slyly agai'),
  }],
  'map_no_value.parquet': [0, {
    my_map: '{"1":null,"2":null,"3":null}', my_map_no_v: '[1,2,3]', my_list: [1, 2, 3],
  }],
};

/** Paths of the Parquet files of some folders. */
function filesOf(home: string, ...folders: readonly string[]): string[] {
  return folders.flatMap((folder) => readdirSync(join(home, folder))
    .filter((name) => /\.parquet(\.encrypted)?$/.test(name)).map((name) => join(home, folder, name)));
}

/** hyparquet's reading of a file, in the form of its references. */
async function readByHyparquet(path: string): Promise<unknown[][]> {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return new Promise((resolve, reject) => {
    parquetRead({
      file: buffer, metadata: parquetMetadata(buffer), compressors: compressors as Compressors,
      onComplete: (rows) => resolve(toJson(rows) as unknown[][]),
    }).catch(reject);
  });
}

/** Reads a file, which must be refused where the table says so, and fast. */
async function readOrRefuse(path: string): Promise<{ opened: OpenParquet; rows: Row[] } | undefined> {
  const file = await loadFile(path);
  const reason = refused[basename(path)];
  const start = performance.now();
  const reading = readAll(file);
  if (reason === undefined) {
    const read = await reading;
    expect(read.rows.length).toBe(read.opened.rows);
    return read;
  }
  const error = await rejection(reading);
  expect(error).toBeInstanceOf(RepriseError);
  expect(error).toMatchObject({
    code: reason[0], message: expect.stringContaining(reason[1]), file: basename(path),
  });
  expect(performance.now() - start).toBeLessThan(5000);
  return undefined;
}

describe.runIf(hyparquet)("hyparquet's files", () => {
  it.each(filesOf(hyparquet ?? '', '').map((path) => [basename(path), path]))('%s', async (_, path) => {
    const read = await readOrRefuse(path);
    if (read === undefined) return;
    const reference = JSON.parse(readFileSync(path.replace(/parquet$/, 'json'), 'utf8')) as unknown[][];
    expect(difference(read.opened.schema.fields, read.rows, reference)).toBe('');
  });
});

describe.runIf(apache)("apache/parquet-testing's files", () => {
  const files = filesOf(apache ?? '', 'data', 'data/geospatial', 'data/aes256', 'bad_data');
  it.each(files.map((path) => [path.slice((apache ?? '').length + 1), path]))('%s', async (_, path) => {
    const read = await readOrRefuse(path);
    if (read === undefined) return;
    const known = readElsewhere[basename(path)];
    if (known !== undefined) {
      expect(read.rows[known[0]]).toEqual(known[1]);
      return;
    }
    expect(difference(read.opened.schema.fields, read.rows, await readByHyparquet(path))).toBe('');
  });

  const rows = async (name: string) => (await readAll(await loadFile(join(apache ?? '', 'data', name)))).rows;

  it.each(['delta_binary_packed', 'delta_byte_array', 'delta_encoding_optional_column',
    'delta_encoding_required_column'])('%s is as its table says', async (name) => {
    const text = readFileSync(join(apache ?? '', 'data', `${name}_expect.csv`), 'utf8').trimEnd();
    const cells = (line: string) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
      .map((cell) => cell.replace(/^"(.*)"$/, '$1'));
    const [, ...lines] = text.split('\n');
    const read = await rows(`${name}.parquet`);
    expect(read.map((row) => Object.values(row).map((value) => String(value ?? '')).join()))
      .toEqual(lines.map((line) => cells(line).join()));
  });

  it('are the same in every codec, version and encoding', async () => {
    expect(await rows('hadoop_lz4_compressed_larger.parquet'))
      .toEqual(await rows('lz4_raw_compressed_larger.parquet'));
    expect(await rows('datapage_v1-snappy-compressed-checksum.parquet'))
      .toEqual(await rows('datapage_v1-uncompressed-checksum.parquet'));
    for (const row of await rows('byte_stream_split_extended.gzip.parquet')) {
      for (const kind of ['float16', 'float', 'double', 'int32', 'int64', 'flba5', 'decimal']) {
        expect(row[`${kind}_byte_stream_split`]).toEqual(row[`${kind}_plain`]);
      }
    }
  });
});

it.runIf(apache)('refuses a file that ends anywhere', async () => {
  const bytes = readFileSync(join(apache ?? '', 'data/alltypes_plain.parquet'));
  for (let length = 0; length < bytes.length; length += 7) {
    const error = await rejection(readAll(memoryFile('cut.parquet', bytes.subarray(0, length))));
    expect(error).toMatchObject({ code: 'invalid_data', file: 'cut.parquet' });
  }
});
