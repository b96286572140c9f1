// Replays and records in a Node process of its own: prints what replayAll gives. Input: {threads,
// folders, records} on stdin.
import * as reprise from 'reprise';
import { readFileSync } from 'node:fs';
import { replayAll } from './replay_leg.mjs';

const { threads, ...given } = JSON.parse(readFileSync(0, 'utf8'));
await reprise.configure({ threads, log: false });
process.stdout.write(JSON.stringify(await replayAll(reprise, given)));
await reprise.shutdown();
