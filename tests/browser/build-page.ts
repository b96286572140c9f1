// Builds the demo page afresh before the tests, so that they never see an old one.
import { existsSync } from 'node:fs';
import { build } from 'vite';

import { packageFolder, pageFolder } from './places.js';

export default async function buildPage(): Promise<void> {
  if (!existsSync(`${packageFolder}/dist/index.js`)) {
    throw new Error('packages/reprise is not built; ./dev build builds it');
  }
  await build({ root: pageFolder, logLevel: 'warn' });
}
