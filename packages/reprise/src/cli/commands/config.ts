// `reprise config`: checks run configs and hashes them.
import { hashJson, validateRunConfig } from '../../index.js';
import { quoted } from '../arguments.js';
import type { Command } from '../command.js';
import { UsageError } from '../failure.js';
import { startRuntime } from '../model-options.js';
import { pathOf } from '../run-config.js';

export const configCommand: Command = {
  summary: 'check a run config, or hash it',
  usage: '(validate | hash) FILE',
  description:
    'Holds a reprise.json against its schema: validate says that it is right, or which path is ' +
    'wrong, what was found there and what is allowed. hash writes the SHA-256 of its RFC 8785 ' +
    'form, as it stands, without the defaults of what it leaves out.',
  options: {},
  examples: [
    { line: 'reprise config validate reprise.json', does: 'ends with 1 where it is wrong' },
    { line: 'reprise config hash reprise.json', does: '64 hexadecimal digits' },
  ],
  async run(invocation) {
    const { args, out } = invocation;
    const [what, file, ...others] = args.words;
    if (what !== 'validate' && what !== 'hash') {
      const found = what === undefined ? 'nothing' : quoted(what);
      throw new UsageError(`expected validate or hash, found ${found}`);
    }
    if (file === undefined || others.length > 0) throw new UsageError('expected one run config');
    await startRuntime(invocation);
    const hash = await hashJson(await validateRunConfig(pathOf(file)));
    if (args.flag('json')) return out.writeJson({ file, hash });
    await out.write(what === 'hash' ? `${hash}\n` : `${file}: a run config of version 1\n`);
  },
};
