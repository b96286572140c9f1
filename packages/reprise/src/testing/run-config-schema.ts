// The published schema of run configs, as another validator than the core reads it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { root } from './material.js';

// What the formats mean stands in the schema as patterns too.
const formats = Object.fromEntries(
  ['inner-file', 'inner-folder', 'token-id', 'csv-delimiter', 'csv-quote', 'member-path']
    .map((name) => [name, true as const]));
// Choices of members that must be there name those that stand beside the choices.
const validate = new Ajv2020({ strict: true, strictRequired: false, formats }).compile(
  JSON.parse(readFileSync(join(root, 'schema/run_config.schema.json'), 'utf8')) as object);

/** Whether the published schema allows a value. */
export const fitsRunConfigSchema = (value: unknown): boolean => validate(value);
