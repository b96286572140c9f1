// Figures and facts as people read them.
import type { Capabilities, Model, Progress } from 'reprise';

export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'KB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export function countInWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Without `said`, what the phase is called on the way of a model. */
export function progressInWords(
  { phase, file, done, total, unit }: Progress, said?: string,
): string {
  const verbs: Partial<Record<Progress['phase'], string>> = {
    prefill: 'Reading the prompt', replay: 'Writing again',
  };
  const verb = said ?? verbs[phase] ?? `Loading ${file ?? 'the model'}`;
  const amount = (count: number): string =>
    unit === 'bytes' ? bytesInWords(count) : count.toLocaleString('en');
  return total === undefined
    ? `${verb}: ${amount(done)}`
    : `${verb}: ${amount(done)} of ${amount(total)}`;
}

export function modelInWords(model: Model): string {
  const type = model.config.model_type;
  const where = model.backend === 'webgpu' ? 'the GPU' : 'the CPU';
  const text = model.tokenizer === undefined ? ' No tokenizer, so it takes no text.' : '';
  return (
    `Loaded: ${type}, ${countInWords(model.parameters, 'parameter')}, context of ` +
    `${countInWords(model.contextLength, 'token')}, on ${where} (${model.backendReason}).${text}`
  );
}

/** Name and explanation of each fact, for a description list. */
export function machineInWords(found: Capabilities): [string, string][] {
  const threads = found.threads > 1 ? `${found.threads} threads` : 'One thread';
  const isolated = found.crossOriginIsolated
    ? 'Yes: memory may be shared between threads'
    : 'No: the server does not send the two headers that threads need';
  const { webgpu, memory } = found;
  return [
    ['CPU', `${threads} (${found.build.reason})`],
    ['Isolated page', isolated],
    ['SIMD', found.simd ? 'Yes, 128 bits' : 'No'],
    ['WebGPU', webgpu.available ? `Yes: ${webgpu.adapter}` : `No: ${webgpu.reason}`],
    [
      'Memory',
      `${bytesInWords(memory.usedBytes)} used, at most ${bytesInWords(memory.limitBytes)}`,
    ],
    ['Version', `${found.version}, numerics ${found.numericsVersion}`],
  ];
}
