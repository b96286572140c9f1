// The package as the user of a bundler has it: the installed tarball in a page that Vite bundles.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

import { installTarball } from '../package/installed.js';

/** Bundles a page whose script is `main` into dist/ of a new folder, which the caller removes. The
 * files of `publicFolder`, a path in the installed package, are put beside the page. */
export async function bundlePage(main: string, publicFolder?: string): Promise<string> {
  const { folder } = await installTarball();
  writeFileSync(join(folder, 'main.js'), main);
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  );
  const none = join(folder, 'none');
  mkdirSync(none);
  await build({
    root: folder,
    configFile: false,
    base: './',
    logLevel: 'warn',
    publicDir:
      publicFolder === undefined ? none : join(folder, 'node_modules/reprise', publicFolder),
    build: { target: 'es2022' },
    worker: { format: 'es' },
  });
  return folder;
}
