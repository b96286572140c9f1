// Run configs.
import { mainRuntime } from '../main-runtime.js';
import type { RunConfig } from '../types/run.js';
import { textOf, valueOf } from './json-text.js';

/** `validateRunConfig` of the main entry. */
export async function validateRunConfig(source: unknown): Promise<RunConfig> {
  const text = await textOf(source, 'config');
  const { client } = await mainRuntime.get();
  await client.call('runConfigCheck', text);
  return valueOf(text);
}
