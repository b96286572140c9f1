// The options that choose a model and where it runs, shared by `generate` and `score`.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { configure, loadModel, type BackendName, type Model } from '../index.js';
import { quoted, type Arguments, type OptionTable } from './arguments.js';
import type { Invocation } from './command.js';
import { InputError, UsageError } from './failure.js';

const backends = ['cpu', 'webgpu', 'auto'] as const;

export const runtimeOptions: OptionTable = {
  threads: {
    value: 'N',
    help: 'CPU threads, 1 to 64 (default: as many as the machine has, at most 8)',
  },
};

export const modelOptions: OptionTable = {
  model: {
    value: 'DIR',
    help:
      'Hugging Face folder or its http(s) address (default: the story model that comes with ' +
      'the package)',
  },
  backend: {
    value: 'NAME',
    help: 'cpu, webgpu, or auto: webgpu where there is one (default: cpu)',
  },
  verify: {
    value: 'HOW',
    help: 'check files against manifest.json: auto where there is one, required, off ' +
      '(default: auto)',
  },
  'context-length': { value: 'N', help: "longest sequence in tokens (default: the model's own)" },
  ...runtimeOptions,
};

/** The name of the model that comes with the package. */
export const builtInModelName = 'stories-260k';

/** Where the model that comes with the package lies. */
export function builtInModelFolder(): string {
  const folder = fileURLToPath(new URL(`../models/${builtInModelName}`, import.meta.url));
  if (!existsSync(folder)) {
    throw new InputError(
      'not_found',
      `${folder}: the built-in model is not there; the package was not ` +
        'built or installed whole',
      { file: folder },
    );
  }
  return folder;
}

/** Fixes the runtime's settings; the capabilities are told by the command itself. */
export async function startRuntime({ args }: Invocation): Promise<void> {
  await configure({ log: false, threads: args.integer('threads') });
}

/** What is loaded where the options do not say. */
export interface ModelDefaults {
  readonly folder?: string;
  readonly contextLength?: number;
}

/** Loads the model that the options name. */
export async function openModel(
  invocation: Invocation, defaults: ModelDefaults = {},
): Promise<Model> {
  const { args, out, signal } = invocation;
  const backend = backendOf(args);
  const contextLength = args.integer('context-length') ?? defaults.contextLength;
  await startRuntime(invocation);
  const model = await loadModel(modelFolderOf(args, defaults), {
    backend,
    contextLength,
    verify: verifyOf(args),
    signal,
    onProgress: out.progress,
  });
  out.clearProgress();
  for (const [file, { status }] of Object.entries(model.verification.absent)) {
    if (status === 403) out.note(`reprise: ${file} answers 403 and counts as absent`);
  }
  return model;
}

/** The folder that --model names, or else the defaults. */
export function modelFolderOf(args: Arguments, { folder }: ModelDefaults = {}): string {
  return args.text('model') ?? folder ?? builtInModelFolder();
}

function verifyOf(args: Arguments): boolean | 'required' {
  const how = args.text('verify') ?? 'auto';
  if (how === 'required') return 'required';
  if (how === 'auto' || how === 'off') return how === 'auto';
  throw new UsageError(
    `--verify: expected auto, required or off, found ${quoted(how)}`, '--verify');
}

/** The backend asked for; the CPU by default, whose results are the same bits on every machine. */
export function backendOf(args: Arguments): BackendName | 'auto' {
  const name = args.text('backend') ?? 'cpu';
  const backend = backends.find((known) => known === name);
  if (backend === undefined) {
    throw new UsageError(
      `--backend: expected ${backends.join(', ')}, found ${quoted(name)}`, '--backend');
  }
  return backend;
}
