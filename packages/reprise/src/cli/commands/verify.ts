// `reprise verify`: holds a model folder against its manifest.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { verifyFolder } from '../../index.js';
import type { Command } from '../command.js';
import { UsageError } from '../failure.js';
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
    const manifest = file === undefined ? undefined : pathToFileURL(resolve(file));
    await startRuntime(invocation);
    const result = await verifyFolder(folder, { manifest, signal, onProgress: out.progress });
    if (args.flag('json')) return out.writeJson(result);
    const lines = Object.entries(result.files).map(([name, { bytes, hash }]) =>
      `${hash}  ${name}  ${bytesInWords(bytes)}\n`);
    await out.write(`${lines.join('')}verified: ${lines.length} files\n`);
  },
};
