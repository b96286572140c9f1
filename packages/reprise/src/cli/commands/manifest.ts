// `reprise manifest`: writes down what a model folder's files are.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { createManifest } from '../../index.js';
import type { Command } from '../command.js';
import { fileError, UsageError } from '../failure.js';
import { startRuntime } from '../model-options.js';
import { checkOutput, writeWhole } from '../output-file.js';
import { bytesInWords } from '../output.js';

export const manifestCommand: Command = {
  summary: "write down a model folder's files and their hashes",
  usage: 'DIR [-o FILE]',
  description:
    'Writes manifest.json into the folder: names, sizes and SHA-256 of config.json, the ' +
    'tokenizer, the weights and what belongs to them. Loading checks files against it.',
  options: {
    output: {
      value: 'FILE', short: 'o',
      help: "where it goes (default: manifest.json in the folder; - is standard output)",
    },
    'allow-forbidden': {
      help: 'leave out files for which a host answers 403, as some do for what is not there',
    },
  },
  examples: [
    { line: 'reprise manifest ./my-model', does: 'writes ./my-model/manifest.json' },
    { line: 'reprise manifest https://example.org/model -o -', does: 'of a folder elsewhere' },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    const [folder, ...others] = args.words;
    if (folder === undefined || others.length > 0) throw new UsageError('expected one folder');
    const output = args.text('output') ?? await ownManifest(folder);
    if (output !== '-') await checkOutput(output);
    await startRuntime(invocation);
    const manifest = await createManifest(folder, {
      signal, onProgress: out.progress, allowForbidden: args.flag('allow-forbidden'),
    });
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    if (output === '-') return out.write(text);
    await writeWhole(output, text);
    if (args.flag('json')) return out.writeJson(manifest);
    const lines = manifest.files.map(({ name, bytes, sha256 }) =>
      `${sha256}  ${name}  ${bytesInWords(bytes)}\n`);
    await out.write(lines.join(''));
    out.note(`reprise: wrote ${output}`);
  },
};

async function ownManifest(folder: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(folder)) {
    throw new UsageError('a folder elsewhere needs -o, since nothing can be written there');
  }
  const found = await stat(folder).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  if (!found.isDirectory()) throw new UsageError(`${folder}: expected a folder, found a file`);
  return join(folder, 'manifest.json');
}
