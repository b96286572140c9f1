// One leg in a Node process of its own: prints the fields as JSON. Input: {threads, inputs} on stdin.
import * as reprise from 'reprise';
import { readFileSync } from 'node:fs';
import { computeFields } from './package_leg.mjs';

const { threads, inputs } = JSON.parse(readFileSync(0, 'utf8'));
await reprise.configure({ threads, log: false });
const { threads: running } = await reprise.capabilities();
if (running !== threads) throw new Error(`asked for ${threads} threads, ${running} run`);
const fields = await computeFields(reprise, inputs);
// JSON of JavaScript has no negative zero, so the bits travel.
const bits = Object.entries(fields).map(([name, values]) => [name, Buffer.from(Float64Array.from(values).buffer).toString('base64')]);
process.stdout.write(JSON.stringify(bits));
await reprise.shutdown();
