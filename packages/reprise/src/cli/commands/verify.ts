// `reprise verify`: holds a model folder against its manifest.
import { readFile } from 'node:fs/promises';

import { verifyFolder, type Manifest } from '../../index.js';
import type { Command } from '../command.js';
import { fileError, InputError, UsageError } from '../failure.js';
import { startRuntime } from '../model-options.js';
import { bytesInWords } from '../output.js';

export const verifyCommand: Command = {
  summary: 'check a model folder against its manifest',
  usage: 'DIR|URL [--manifest FILE]',
  description:
    'Reads every file that manifest.json lists and compares sizes and SHA-256. Ends with ' +
    'hash_mismatch, the file and both hashes at the first that is another.',
  options: {
    manifest: { value: 'FILE', help: "a manifest to use in place of the folder's own" },
  },
  examples: [
    { line: 'reprise verify ./my-model', does: 'every file, with its hash' },
    { line: 'reprise verify https://example.org/model --manifest m.json', does: 'elsewhere' },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    const [folder, ...others] = args.words;
    if (folder === undefined || others.length > 0) throw new UsageError('expected one folder');
    const file = args.text('manifest');
    const manifest = file === undefined ? undefined : await readManifest(file);
    await startRuntime(invocation);
    const result = await verifyFolder(folder, { manifest, signal, onProgress: out.progress });
    if (args.flag('json')) return out.writeJson(result);
    const lines = Object.entries(result.files).map(([name, { bytes, hash }]) =>
      `${hash}  ${name}  ${bytesInWords(bytes)}\n`);
    await out.write(`${lines.join('')}verified: ${lines.length} files\n`);
  },
};

async function readManifest(file: string): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(error, file);
  });
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    throw new InputError('invalid_json', `${file}: ${(error as Error).message}`, { file });
  }
}
