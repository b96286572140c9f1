// `reprise capabilities`: what this machine offers and what was picked.
import { capabilities, type Capabilities } from '../../index.js';
import type { Command } from '../command.js';
import { bytesInWords } from '../output.js';
import { runtimeOptions, startRuntime } from '../model-options.js';

export const capabilitiesCommand: Command = {
  summary: 'say what this machine offers and what was picked, and why',
  usage: '[--threads N] [--json]',
  description: 'Says which build runs here, with how many threads, and whether there is a GPU.',
  options: runtimeOptions,
  examples: [
    { line: 'reprise capabilities', does: 'in words' },
    { line: 'reprise capabilities --json', does: 'as one JSON object' },
  ],
  async run(invocation) {
    const { args, out } = invocation;
    args.refuseWords();
    await startRuntime(invocation);
    const found = await capabilities();
    if (args.flag('json')) await out.writeJson(found);
    else await out.write(inWords(found));
  },
};

function inWords(found: Capabilities): string {
  const { build, memory, webgpu } = found;
  const rows: [string, string][] = [
    ['version', `${found.version}, numerics version ${found.numericsVersion}`],
    ['build', `${build.picked} (${build.reason})`],
    ['threads', String(found.threads)],
    ['SIMD', found.simd ? 'yes' : 'no'],
    ['memory', `${bytesInWords(memory.usedBytes)} used of ${bytesInWords(memory.limitBytes)}`],
    ['WebGPU', webgpu.available ? `yes: ${webgpu.adapter}` : `no: ${webgpu.reason}`],
  ];
  if (webgpu.available) rows.push(['features', webgpu.features.join(', ') || 'none']);
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}\n`).join('');
}
